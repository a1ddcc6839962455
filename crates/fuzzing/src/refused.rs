//! What must hold of a body that was refused.

use flowgate_core::Refusal;

/// `refusal` counts what it lists, is of a bounded size, and repeats no value of `body`.
///
/// # Panics
/// Where it does not.
pub(crate) fn check(refusal: &Refusal, body: &[u8]) {
    let listed = refusal.violations.len();
    assert!(refusal.count > 0, "refused for nothing");
    assert!((1..=Refusal::LISTED).contains(&listed), "{listed} listed");
    assert!(refusal.count >= listed, "{} of {listed}", refusal.count);
    let message = refusal.to_string();
    assert!(message.len() < LONGEST, "{} octets", message.len());

    // Columns are places, and their names may come from the body.
    let columns: Vec<&str> = refusal
        .violations
        .iter()
        .filter_map(|violation| violation.column.as_deref())
        .collect();
    let columns = columns.join("\n");
    let kinds = refusal.violations.iter();
    let kinds = kinds.flat_map(|violation| [violation.expected.as_str(), violation.got.as_str()]);
    // MLflow's words for a missing input end with the names of others.
    let message = message.split(" Note that there were extra inputs: ").next();
    let told: Vec<&str> = kinds.chain(message).collect();
    for value in distinct(body).filter(|value| !columns.contains(value)) {
        let leak = told.iter().find(|text| text.contains(value));
        assert!(leak.is_none(), "`{value}` is repeated: {leak:?}");
    }
}

/// `refusal` counts something and has a message of a bounded size.
///
/// # Panics
/// Where it does not.
pub(crate) fn check_size(refusal: &Refusal) {
    assert!(refusal.count > 0, "refused for nothing");
    let message = refusal.to_string();
    assert!(message.len() < LONGEST, "{} octets", message.len());
}

/// Octets of the longest message: all columns of a signature may be named in it.
const LONGEST: usize = 1 << 16;

/// The words of `body` that stand in no message by chance: of six letters and digits at least,
/// four of them digits.
fn distinct(body: &[u8]) -> impl Iterator<Item = &str> {
    let words = body.split(|octet| !octet.is_ascii_alphanumeric());
    let words = words.filter(|word| {
        word.len() >= 6 && word.iter().filter(|octet| octet.is_ascii_digit()).count() >= 4
    });
    words.filter_map(|word| std::str::from_utf8(word).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{Code, Stage, Violation};

    fn refusal(got: &str, column: &str) -> Refusal {
        let violation = Violation::new(Code::TypeMismatch, "`long`", got).in_column(column);
        Refusal::new(Stage::Value, violation)
    }

    #[test]
    fn a_column_may_be_named() {
        check(&refusal("a string", "c123456"), b"c123456,1\nx,2");
    }

    #[test]
    #[should_panic(expected = "`s3cr3t99` is repeated")]
    fn a_value_may_not() {
        check(&refusal("s3cr3t99", "c"), b"c\ns3cr3t99");
    }
}
