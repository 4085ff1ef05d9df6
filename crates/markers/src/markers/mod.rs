//! One file per marker.
//!
//! A new marker is one file here and one line below.

crate::registry::registry! {
    band_power::BandPower,
    relative_power::RelativePower,
    aperiodic_exponent::AperiodicExponent,
    aperiodic_offset::AperiodicOffset,
    coh::Coh,
    imcoh::Imcoh,
    ciplv::Ciplv,
    wpli2_debiased::Wpli2Debiased,
    emg_index::EmgIndex,
    rim_ratio::RimRatio,
    sp_rate::SpRate,
    muscle_share::MuscleShare,
}

pub(crate) use band_power::band_stats;
