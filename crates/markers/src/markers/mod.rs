//! One file per marker.
//!
//! A new marker is one file here and one line below.

crate::registry::registry! {
    band_power::BandPower,
    relative_power::RelativePower,
    aperiodic_exponent::AperiodicExponent,
    aperiodic_offset::AperiodicOffset,
    knee_frequency::KneeFrequency,
    power_above_1f::PowerAbove1f,
    burst_rate::BurstRate,
    burst_occupancy::BurstOccupancy,
    burst_dwell::BurstDwell,
    spectral_edge::SpectralEdge,
    alpha_frequency::AlphaFrequency,
    theta_cordance::ThetaCordance,
    alpha_asymmetry::AlphaAsymmetry,
    gamma_beta_ratio::GammaBetaRatio,
    coh::Coh,
    imcoh::Imcoh,
    ciplv::Ciplv,
    wpli2_debiased::Wpli2Debiased,
    plv::Plv,
    ppc::Ppc,
    pli::Pli,
    pli2_unbiased::Pli2Unbiased,
    wpli::Wpli,
    dpli::Dpli,
    mic::Mic,
    mim::Mim,
    net_strength::NetStrength,
    net_clustering::NetClustering,
    net_efficiency::NetEfficiency,
    net_path_length::NetPathLength,
    net_modularity::NetModularity,
    net_small_world::NetSmallWorld,
    granger_net::GrangerNet,
    nste_feedback::NsteFeedback,
    nste_feedforward::NsteFeedforward,
    aec::Aec,
    emg_index::EmgIndex,
    rim_ratio::RimRatio,
    sp_rate::SpRate,
    muscle_share::MuscleShare,
    vigilance::Vigilance,
}

pub use alpha_frequency::AlphaMethod;
pub(crate) use band_power::band_stats;
pub(crate) use relative_power::bin_sums;
pub use sp_rate::SaccadicSpikes;
pub use theta_cordance::CordanceVersion;
pub use vigilance::Stage;
