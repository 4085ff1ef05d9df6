//! What the header says of persons and dates: texts at fixed places of its first 900 bytes.

use crate::Identifier;
use crate::bytes::text;

/// Place, length and name of the fields whose words tell of a person or a place.
const NAMES: [(usize, usize, &str); 6] = [
    (21, 20, "id"),
    (41, 20, "operator"),
    (61, 20, "doctor"),
    (81, 20, "referral"),
    (101, 20, "hospital"),
    (121, 20, "patient"),
];
/// Fields whose words are not looked for elsewhere.
const OTHERS: [(usize, usize, &str); 8] = [
    (141, 2, "age"),
    (143, 1, "sex"),
    (144, 1, "hand"),
    (145, 20, "medication"),
    (165, 20, "class"),
    (185, 20, "state"),
    (205, 20, "label"),
    (225, 10, "date"),
];

/// All fields that are there.
pub(crate) fn find(setup: &[u8]) -> Vec<Identifier> {
    let field = |at: usize, n: usize| {
        let bytes = setup.get(at..at + n).unwrap_or_default();
        text(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
    };
    let names = NAMES.iter().map(|(at, n, name)| (Identifier::new(*name, field(*at, *n)), *at, *n));
    let others = OTHERS.iter().map(|(at, n, name)| (Identifier::new(*name, ""), *at, *n));
    names.chain(others).filter(|(_, at, n)| !field(*at, *n).is_empty()).map(|(found, ..)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_where_they_hold_something() {
        let mut setup = vec![0; 900];
        for (at, text) in
            [(21, "MCH-0234567"), (41, "  "), (101, "St. Mary"), (121, "Harry\0rest"), (145, "none")]
        {
            setup[at..at + text.len()].copy_from_slice(text.as_bytes());
        }
        setup[141] = 44;
        setup[143] = b'M';
        let found: Vec<_> = find(&setup).into_iter().map(|i| (i.field, i.value)).collect();
        let expected = [
            ("id", "MCH-0234567"),
            ("hospital", "St. Mary"),
            ("patient", "Harry"),
            ("age", ""),
            ("sex", ""),
            ("medication", ""),
        ];
        assert_eq!(found, expected.map(|(field, value)| (field.to_owned(), value.to_owned())));
        assert!(find(&[0; 900]).is_empty());
    }
}
