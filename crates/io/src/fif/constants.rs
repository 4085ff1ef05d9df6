//! Numbers of the FIFF dictionary that are needed here (<https://github.com/mne-tools/fiff-constants>).

/// Kinds of tags.
pub(crate) mod tag {
    pub(crate) const FILE_ID: i32 = 100;
    pub(crate) const BLOCK_START: i32 = 104;
    pub(crate) const BLOCK_END: i32 = 105;
    pub(crate) const REF_ROLE: i32 = 115;
    pub(crate) const REF_FILE_NAME: i32 = 118;
    pub(crate) const DEVICE_TYPE: i32 = 152;
    pub(crate) const DEVICE_MODEL: i32 = 153;
    pub(crate) const DEVICE_SERIAL: i32 = 154;
    pub(crate) const DEVICE_SITE: i32 = 155;
    pub(crate) const NCHAN: i32 = 200;
    pub(crate) const SFREQ: i32 = 201;
    pub(crate) const CH_INFO: i32 = 203;
    pub(crate) const MEAS_DATE: i32 = 204;
    /// A comment or description.
    pub(crate) const COMMENT: i32 = 206;
    pub(crate) const FIRST_SAMPLE: i32 = 208;
    pub(crate) const EXPERIMENTER: i32 = 212;
    pub(crate) const LOWPASS: i32 = 219;
    pub(crate) const HIGHPASS: i32 = 223;
    pub(crate) const NAME: i32 = 233;
    pub(crate) const CH_DACQ_NAME: i32 = 258;
    pub(crate) const DATA_BUFFER: i32 = 300;
    /// Buffers that were not recorded, of the length of the next.
    pub(crate) const DATA_SKIP: i32 = 301;
    pub(crate) const EPOCH: i32 = 302;
    /// Samples that were not recorded.
    pub(crate) const DATA_SKIP_SAMP: i32 = 303;
    pub(crate) const CH_COORD_FRAME: i32 = 351;
    pub(crate) const SUBJ_ID: i32 = 400;
    pub(crate) const SUBJ_FIRST_NAME: i32 = 401;
    pub(crate) const SUBJ_MIDDLE_NAME: i32 = 402;
    pub(crate) const SUBJ_LAST_NAME: i32 = 403;
    pub(crate) const SUBJ_BIRTH_DAY: i32 = 404;
    pub(crate) const SUBJ_SEX: i32 = 405;
    pub(crate) const SUBJ_HAND: i32 = 406;
    pub(crate) const SUBJ_WEIGHT: i32 = 407;
    pub(crate) const SUBJ_HEIGHT: i32 = 408;
    pub(crate) const SUBJ_COMMENT: i32 = 409;
    /// In the hospital's information system.
    pub(crate) const SUBJ_HIS_ID: i32 = 410;
    pub(crate) const PROJ_ID: i32 = 500;
    pub(crate) const PROJ_NAME: i32 = 501;
    pub(crate) const PROJ_AIM: i32 = 502;
    pub(crate) const PROJ_PERSONS: i32 = 503;
    pub(crate) const PROJ_COMMENT: i32 = 504;
    pub(crate) const PROJ_ITEM_CH_NAME_LIST: i32 = 3417;
    pub(crate) const CH_NAME_LIST: i32 = 3507;
    pub(crate) const PROJ_ITEM_ACTIVE: i32 = 3560;
    pub(crate) const EVENT_LIST: i32 = 3561;
    /// Start of a baseline; of annotations in their block.
    pub(crate) const BASELINE_MIN: i32 = 3568;
    /// End of a baseline; of annotations in their block.
    pub(crate) const BASELINE_MAX: i32 = 3569;
    /// Why epochs were dropped; the channels of annotations in their block.
    pub(crate) const DROP_LOG: i32 = 3801;
    pub(crate) const EPOCHS_RAW_SFREQ: i32 = 3803;
}

/// Kinds of blocks.
pub(crate) mod block {
    pub(crate) const ROOT: i32 = 999;
    pub(crate) const MEAS_INFO: i32 = 101;
    pub(crate) const RAW_DATA: i32 = 102;
    pub(crate) const EVOKED: i32 = 104;
    pub(crate) const SUBJECT: i32 = 106;
    pub(crate) const CONTINUOUS_DATA: i32 = 112;
    pub(crate) const CH_INFO: i32 = 113;
    pub(crate) const REF: i32 = 118;
    /// Raw data recorded with internal active shielding.
    pub(crate) const IAS_RAW_DATA: i32 = 119;
    pub(crate) const DEVICE: i32 = 124;
    pub(crate) const PROJ_ITEM: i32 = 314;
    pub(crate) const BAD_CHANNELS: i32 = 359;
    pub(crate) const EVENTS: i32 = 361;
    pub(crate) const EPOCHS: i32 = 373;
    pub(crate) const ANNOTATIONS: i32 = 3810;
}

/// Types of a tag's data.
pub(crate) mod types {
    pub(crate) const SHORT: u32 = 2;
    pub(crate) const INT: u32 = 3;
    pub(crate) const FLOAT: u32 = 4;
    pub(crate) const DOUBLE: u32 = 5;
    pub(crate) const USHORT: u32 = 7;
    pub(crate) const UINT: u32 = 8;
    pub(crate) const LONG: u32 = 11;
    pub(crate) const DAU_PACK16: u32 = 16;
    pub(crate) const COMPLEX_FLOAT: u32 = 20;
    pub(crate) const COMPLEX_DOUBLE: u32 = 21;
    /// A dense matrix: dimensions stand behind the values, the fastest first, and their number last.
    pub(crate) const MATRIX: u32 = 0x4000_0000;
    /// The part of a type that says what a single value is.
    pub(crate) const BASE: u32 = 0xffff;
}

/// What a file that is named by another is to it.
pub(crate) mod role {
    pub(crate) const PREVIOUS: i64 = 1;
    pub(crate) const NEXT: i64 = 2;
}

/// Kinds of channels.
pub(crate) mod channel {
    pub(crate) const MEG: i32 = 1;
    pub(crate) const EEG: i32 = 2;
    pub(crate) const STIM: i32 = 3;
    pub(crate) const EOG: i32 = 202;
    pub(crate) const REF_MEG: i32 = 301;
    pub(crate) const EMG: i32 = 302;
    pub(crate) const ECG: i32 = 402;
    pub(crate) const SEEG: i32 = 802;
    pub(crate) const DBS: i32 = 803;
    pub(crate) const ECOG: i32 = 902;
}

/// Units.
pub(crate) mod unit {
    pub(crate) const VOLT: i32 = 107;
    pub(crate) const VOLT_PER_M2: i32 = 117;
}

/// The head's coordinate frame: x to the right ear, y to the nose, z up, metres.
pub(crate) const HEAD_FRAME: i64 = 4;

/// How a unit is written; `1` where it has none.
pub(crate) fn unit_name(unit: i32) -> &'static str {
    match unit {
        1 => "m",
        2 => "kg",
        3 => "s",
        4 => "A",
        5 => "K",
        6 => "mol",
        7 => "rad",
        8 => "sr",
        101 => "Hz",
        102 => "N",
        103 => "Pa",
        104 => "J",
        105 => "W",
        106 => "C",
        107 => "V",
        108 => "F",
        109 => "Ohm",
        110 => "S",
        111 => "Wb",
        112 => "T",
        113 => "H",
        114 => "°C",
        115 => "lm",
        116 => "lx",
        117 => "V/m²",
        201 => "T/m",
        202 => "Am",
        203 => "Am/m²",
        204 => "Am/m³",
        210 => "px",
        _ => "1",
    }
}
