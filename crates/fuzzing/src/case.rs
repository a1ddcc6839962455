//! A signature and a body out of one run of octets.

use flowgate_core::Signature;

/// Inputs and params by the letter that chooses them, from `a` on.
const SIGNATURES: &[(Option<&str>, Option<&str>)] = &[
    (None, None),
    (
        Some(
            r#"[{"type":"double","name":"a"},{"type":"double","name":"b"},{"type":"float","name":"c"}]"#,
        ),
        None,
    ),
    (
        Some(
            r#"[{"type":"boolean","name":"boolean"},{"type":"integer","name":"integer"},{"type":"long","name":"long"},{"type":"float","name":"float"},{"type":"double","name":"double"},{"type":"string","name":"string"},{"type":"binary","name":"binary"},{"type":"datetime","name":"datetime"}]"#,
        ),
        None,
    ),
    (
        Some(
            r#"[{"type":"double","name":"x","required":false},{"type":"string","name":"s","required":false},{"type":"long","name":"n","required":false},{"type":"datetime","name":"t","required":false},{"type":"long","name":"id"}]"#,
        ),
        None,
    ),
    (Some(r#"[{"type":"long"},{"type":"string"}]"#), None),
    (
        Some(
            r#"[{"type":"array","items":{"type":"array","items":{"type":"long"}},"name":"lists"},{"type":"object","properties":{"id":{"type":"long","required":true},"label":{"type":"string","required":false}},"name":"object"},{"type":"map","values":{"type":"double"},"name":"map"},{"type":"any","name":"any","required":false}]"#,
        ),
        None,
    ),
    (
        Some(r#"[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,4]}}]"#),
        None,
    ),
    (
        Some(r#"[{"type":"tensor","tensor-spec":{"dtype":"int32","shape":[-1]}}]"#),
        None,
    ),
    (
        Some(
            r#"[{"name":"f","type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,2,2]}},{"name":"s","type":"tensor","tensor-spec":{"dtype":"str","shape":[-1]}},{"name":"b","type":"tensor","tensor-spec":{"dtype":"bool","shape":[-1,1]}},{"name":"u","type":"tensor","tensor-spec":{"dtype":"uint8","shape":[-1,2]}}]"#,
        ),
        None,
    ),
    (
        Some(r#"[{"type":"tensor","tensor-spec":{"dtype":"float16","shape":[-1,-1,-1]}}]"#),
        None,
    ),
    (
        Some(r#"[{"type":"tensor","tensor-spec":{"dtype":"object","shape":[-1]}}]"#),
        None,
    ),
    (
        Some(r#"[{"type":"string","name":"prompt"}]"#),
        Some(
            r#"[{"name":"t","default":0.5,"shape":null,"type":"double"},{"name":"k","default":10,"shape":null,"type":"integer"},{"name":"s","default":"n","shape":null,"type":"string"},{"name":"stop","default":["a"],"shape":[-1],"type":"string"},{"name":"flag","default":true,"shape":null,"type":"boolean"},{"name":"since","default":"2021-01-01T00:00:00","shape":null,"type":"datetime"}]"#,
        ),
    ),
];

/// The signature that the first octet of `data` chooses, and the body that follows.
///
/// `a` and the letters behind it are those of the list; the one after the last of them stands
/// for a signature that is sent along, inputs in the first line and params in the second, either
/// of which may be empty. Other octets count on from there and around.
pub(crate) fn split(data: &[u8]) -> Option<(Signature, &[u8])> {
    let (choice, body) = data.split_first()?;
    let choice = usize::from(choice.wrapping_sub(b'a')) % (SIGNATURES.len() + 1);
    if let Some((inputs, params)) = SIGNATURES.get(choice) {
        let signature = Signature::parse(*inputs, None, *params);
        return Some((signature.expect("a signature of the list"), body));
    }
    let (inputs, rest) = line(body)?;
    let (params, body) = line(rest)?;
    Some((Signature::parse(inputs, None, params).ok()?, body))
}

/// The first line of `data`, `None` where it is empty, and what follows; nothing where the line
/// is no text.
pub(crate) fn line(data: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let end = data.iter().position(|octet| *octet == b'\n');
    let (line, rest) = match end {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[][..]),
    };
    let line = std::str::from_utf8(line).ok()?;
    Some(((!line.is_empty()).then_some(line), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_list_chooses_a_signature_and_the_next_one_sends_its_own() {
        let last = b'a' + SIGNATURES.len() as u8;
        for letter in b'a'..last {
            assert!(split(&[letter, b'{']).is_some_and(|(_, body)| body == b"{"));
        }
        let own = [&[last][..], b"[{\"type\":\"long\",\"name\":\"a\"}]\n\nbody"].concat();
        let (signature, body) = split(&own).expect("a signature");
        assert_eq!(signature.inputs.map(|inputs| inputs.len()), Some(1));
        assert_eq!(body, b"body");
        assert!(split(&[last, b'[']).is_none());
        assert!(split(b"").is_none());
    }
}
