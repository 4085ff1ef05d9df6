//! Where a value belongs: channels, regions, pairs, pairs of regions, the whole head.

use dosewave_eeg::{Channel, ChannelKind, Region};
use std::collections::HashSet;

/// Up to so many EEG channels every pair is a site of its own; above, pairs are grouped by region.
pub(crate) const EVERY_PAIR_UP_TO: usize = 8;

/// Which units (channels or pairs) make up the value of a site.
#[derive(Clone, Debug, PartialEq)]
pub enum Members {
    /// One unit, as it is.
    One(usize),
    /// The mean over units; each marker says which mean.
    Mean(Vec<usize>),
}

/// Names of sites with the units that each is made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sites {
    pub(crate) names: Vec<String>,
    pub(crate) members: Vec<Members>,
}

impl Sites {
    fn new() -> Self {
        Self { names: Vec::new(), members: Vec::new() }
    }

    fn push(&mut self, name: impl Into<String>, members: Members) {
        self.names.push(name.into());
        self.members.push(members);
    }
}

/// Positions of the scalp EEG channels.
pub(crate) fn eeg_indices(channels: &[Channel]) -> Vec<usize> {
    channels.iter().enumerate().filter(|(_, c)| c.kind == ChannelKind::Eeg).map(|(i, _)| i).collect()
}

/// Electrode labels, or the full names where two channels share a label.
pub(crate) fn labels(channels: &[&Channel]) -> Vec<String> {
    let labels: Vec<&str> = channels.iter().map(|c| c.label()).collect();
    let distinct: HashSet<&str> = labels.iter().copied().collect();
    let unique = distinct.len() == labels.len();
    channels
        .iter()
        .zip(labels)
        .map(|(c, label)| if unique { label } else { c.name.as_str() }.to_owned())
        .collect()
}

/// Electrodes at the rim of the cap, over the frontal and temporal muscles (10–10 names, and the old T3, T4).
const RIM: [&str; 26] = [
    "FP1", "FPZ", "FP2", "AF7", "AF8", "AF9", "AF10", "F7", "F8", "F9", "F10", "FT7", "FT8", "FT9", "FT10",
    "T7", "T8", "T9", "T10", "T3", "T4", "TP7", "TP8", "TP9", "TP10", "NZ",
];
/// Electrodes around the vertex, over no muscle.
const CENTRE: [&str; 15] =
    ["FC3", "FC1", "FCZ", "FC2", "FC4", "C3", "C1", "CZ", "C2", "C4", "CP3", "CP1", "CPZ", "CP2", "CP4"];

/// Positions of the labels that lie at the frontal and temporal rim.
pub(crate) fn rim(labels: &[String]) -> Vec<usize> {
    among(labels, &RIM)
}

/// Positions of the labels that lie around the vertex.
pub(crate) fn centre(labels: &[String]) -> Vec<usize> {
    among(labels, &CENTRE)
}

pub(crate) fn among(labels: &[String], names: &[&str]) -> Vec<usize> {
    let is_one = |label: &String| names.iter().any(|name| name.eq_ignore_ascii_case(label));
    labels.iter().enumerate().filter(|(_, label)| is_one(label)).map(|(i, _)| i).collect()
}

/// `global`, the regions that have a channel, then every channel.
pub(crate) fn channel_sites(channels: &[&Channel]) -> Sites {
    let mut sites = Sites::new();
    sites.push("global", Members::Mean((0..channels.len()).collect()));
    let regions: Vec<Option<Region>> = channels.iter().map(|c| Region::of(c)).collect();
    for region in Region::ALL {
        let inside: Vec<usize> = (0..channels.len()).filter(|&i| regions[i] == Some(region)).collect();
        if !inside.is_empty() {
            sites.push(region.name(), Members::Mean(inside));
        }
    }
    for (i, label) in labels(channels).into_iter().enumerate() {
        sites.push(label, Members::One(i));
    }
    sites
}

/// All pairs of `indices`, the later one first: (1,0), (2,0), (2,1) …, mne-connectivity's order of the lower triangle.
pub(crate) fn lower_triangle(indices: &[usize]) -> Vec<(usize, usize)> {
    indices.iter().enumerate().flat_map(|(k, &i)| indices[..k].iter().map(move |&j| (i, j))).collect()
}

/// `global`, then every pair (`F3-P3`, earlier channel first) of up to [`EVERY_PAIR_UP_TO`] channels, or the pairs of
/// regions (`frontal-parietal`, `frontal-frontal`) that have a pair. Members index [`lower_triangle`].
pub(crate) fn pair_sites(channels: &[&Channel]) -> Sites {
    let order: Vec<usize> = (0..channels.len()).collect();
    let pairs = lower_triangle(&order);
    let mut sites = Sites::new();
    sites.push("global", Members::Mean((0..pairs.len()).collect()));
    if channels.len() <= EVERY_PAIR_UP_TO {
        let labels = labels(channels);
        for (k, &(i, j)) in pairs.iter().enumerate() {
            sites.push(format!("{}-{}", labels[j], labels[i]), Members::One(k));
        }
    } else {
        push_region_pairs(&mut sites, channels, &pairs);
    }
    sites
}

/// The sites of a measure with a direction: every pair of up to [`EVERY_PAIR_UP_TO`] channels, or the pairs of two different
/// regions. A direction has no mean over the head or inside a region. Members index [`lower_triangle`].
pub(crate) fn directed_pair_sites(channels: &[&Channel]) -> Sites {
    let all = pair_sites(channels);
    let mut sites = Sites::new();
    for (name, members) in all.names.into_iter().zip(all.members) {
        let inside_one = name.split_once('-').is_none_or(|(a, b)| a == b);
        if matches!(members, Members::One(_)) || !inside_one {
            sites.push(name, members);
        }
    }
    sites
}

fn push_region_pairs(sites: &mut Sites, channels: &[&Channel], pairs: &[(usize, usize)]) {
    let regions: Vec<Option<Region>> = channels.iter().map(|c| Region::of(c)).collect();
    for (n, a) in Region::ALL.into_iter().enumerate() {
        for &b in &Region::ALL[n..] {
            let joins = |(i, j): (usize, usize)| {
                (regions[i] == Some(a) && regions[j] == Some(b))
                    || (regions[i] == Some(b) && regions[j] == Some(a))
            };
            let inside: Vec<usize> = (0..pairs.len()).filter(|&k| joins(pairs[k])).collect();
            if !inside.is_empty() {
                sites.push(format!("{}-{}", a.name(), b.name()), Members::Mean(inside));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(names: &[&str]) -> Vec<Channel> {
        names.iter().map(|name| Channel::from_name(name)).collect()
    }

    #[test]
    fn pairs_run_down_the_lower_triangle() {
        assert_eq!(lower_triangle(&[0, 1, 2]), [(1, 0), (2, 0), (2, 1)]);
        assert_eq!(lower_triangle(&[3, 5]), [(5, 3)]);
        assert!(lower_triangle(&[4]).is_empty());
    }

    #[test]
    fn channel_sites_are_global_then_regions_then_channels() {
        let channels = channels(&["EEG F3-REF", "P3", "F4", "X1"]);
        let sites = channel_sites(&channels.iter().collect::<Vec<_>>());
        assert_eq!(sites.names, ["global", "frontal", "parietal", "F3", "P3", "F4", "X1"]);
        assert_eq!(sites.members[0], Members::Mean(vec![0, 1, 2, 3]));
        assert_eq!(sites.members[1], Members::Mean(vec![0, 2]));
        assert_eq!(sites.members[4], Members::One(1));
    }

    #[test]
    fn few_channels_give_every_pair_many_give_pairs_of_regions() {
        let few = channels(&["F3", "P3", "O1"]);
        let sites = pair_sites(&few.iter().collect::<Vec<_>>());
        assert_eq!(sites.names, ["global", "F3-P3", "F3-O1", "P3-O1"]);
        let many = channels(&["F3", "F4", "P3", "P4", "O1", "O2", "Fz", "Pz", "Oz"]);
        let sites = pair_sites(&many.iter().collect::<Vec<_>>());
        assert_eq!(sites.names[..3], ["global", "frontal-frontal", "frontal-parietal"]);
        // F3-F4 is pair 0; Fz (channel 6) with F3, F4 are pairs 15 and 16
        assert_eq!(sites.members[1], Members::Mean(vec![0, 15, 16]));
        let counted: usize =
            sites.members[1..].iter().map(|m| if let Members::Mean(k) = m { k.len() } else { 0 }).sum();
        assert_eq!(counted, 36, "every pair lies in one pair of regions");
    }

    #[test]
    fn a_direction_has_sites_between_regions_only() {
        let few = channels(&["F3", "F4", "P3"]);
        assert_eq!(directed_pair_sites(&few.iter().collect::<Vec<_>>()).names, ["F3-F4", "F3-P3", "F4-P3"]);
        let many = channels(&["F3", "F4", "P3", "P4", "O1", "O2", "Fz", "Pz", "Oz"]);
        let names = directed_pair_sites(&many.iter().collect::<Vec<_>>()).names;
        assert_eq!(names, ["frontal-parietal", "frontal-occipital", "parietal-occipital"]);
    }

    #[test]
    fn shared_labels_fall_back_to_full_names() {
        let channels = channels(&["EEG Fz-A1", "Fz"]);
        assert_eq!(labels(&channels.iter().collect::<Vec<_>>()), ["EEG Fz-A1", "Fz"]);
    }

    #[test]
    fn only_scalp_channels_count() {
        assert_eq!(eeg_indices(&channels(&["EOG left", "Fz", "ECG", "Pz"])), [1, 3]);
    }
}
