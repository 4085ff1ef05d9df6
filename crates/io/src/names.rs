//! Names that stand for one channel each.

use std::collections::{HashMap, HashSet};

/// Gives names that occur more than once a number, `Cz-0`, `Cz-1`, in order of appearance (as MNE-Python does), and says
/// which they were.
pub(crate) fn make_unique(names: &mut [String]) -> Option<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in names.iter() {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut taken: HashSet<String> = counts.keys().cloned().collect();
    let mut next: HashMap<String, usize> = HashMap::new();
    let mut doubled: Vec<String> = Vec::new();
    for name in names.iter_mut().filter(|name| counts.get(*name).is_some_and(|n| *n > 1)) {
        let number = next.entry(name.clone()).or_insert_with(|| {
            doubled.push(name.clone());
            0
        });
        let mut renamed = format!("{name}-{number}");
        while !taken.insert(renamed.clone()) {
            *number += 1;
            renamed = format!("{name}-{number}");
        }
        *number += 1;
        *name = renamed;
    }
    let list = |names: &[String]| names.iter().map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    (!doubled.is_empty()).then(|| {
        format!(
            "more than one channel is called {}; numbers behind the name tell them apart ('{}-0', …)",
            list(&doubled),
            doubled.first().map_or("", String::as_str)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_names_get_numbers_and_single_ones_stay() {
        let mut names = ["Cz", "Pz", "Cz", "Cz-0", "", ""].map(String::from);
        let note = make_unique(&mut names).unwrap();
        // 'Cz-0' is taken
        assert_eq!(names, ["Cz-1", "Pz", "Cz-2", "Cz-0", "-0", "-1"]);
        assert!(note.contains("'Cz', ''") && note.contains("'Cz-0'"), "{note}");
        assert_eq!(make_unique(&mut ["a".into(), "b".into()]), None);
    }
}
