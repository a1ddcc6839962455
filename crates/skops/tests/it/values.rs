//! Every kind of value that skops writes, as far as it is data.

use crate::{DEFLATED, STORED, with_root, zip};
use flowgate_core::{Data, Strings, Tensor};
use flowgate_skops::{Error, Limits, Node, Skops, Tree};

/// Looks at the value under `key` in both files, which must be the same.
fn value<T: PartialEq + std::fmt::Debug>(
    key: &str,
    look: impl Fn(Node<'static>) -> Result<T, Error>,
) -> Result<T, String> {
    let [stored, deflated] = [STORED, DEFLATED].map(|octets| look(root(octets).need(key)?));
    assert_eq!(stored, deflated, "{key}");
    stored.map_err(|error| error.to_string())
}

/// The root of a file that is kept until the tests end.
fn root(octets: &'static [u8]) -> Node<'static> {
    let file = Skops::open(octets, &Limits::default()).expect("a file of skops");
    let file: &'static Skops<'static> = Box::leak(Box::new(file));
    let tree: &'static Tree<'static> = Box::leak(Box::new(file.tree().expect("a tree")));
    tree.root()
}

fn array(key: &str) -> Tensor {
    value(key, Node::array).expect(key)
}

fn texts(texts: &[&str]) -> Data {
    Data::Str(texts.iter().collect::<Strings>())
}

#[test]
fn plain_values_are_read() {
    assert_eq!(value("none", |node| Ok(node.is_none())), Ok(true));
    assert_eq!(value("yes", |node| Ok(node.is_none())), Ok(false));
    assert_eq!(value("yes", Node::boolean), Ok(true));
    assert_eq!(value("int", Node::integer), Ok(-7));
    assert_eq!(value("float", Node::float), Ok(0.1));
    assert_eq!(value("int", Node::float), Ok(-7.0));
    assert_eq!(value("nan", |node| Ok(node.float()?.is_nan())), Ok(true));
    let text = "größe \"quoted\"\n🦀".to_owned();
    assert_eq!(value("text", Node::text), Ok(text));
}

#[test]
fn a_value_of_another_kind_is_refused_and_never_converted() {
    for key in ["yes", "float", "nan", "text", "none", "list", "big", "ints"] {
        assert!(value(key, Node::integer).is_err(), "{key}");
    }
    for key in ["int", "none", "dict", "objects"] {
        assert!(value(key, Node::text).is_err(), "{key}");
    }
    for key in ["text", "yes", "none"] {
        assert!(value(key, Node::float).is_err(), "{key}");
    }
    for key in ["int", "text"] {
        assert!(value(key, Node::boolean).is_err(), "{key}");
    }
    let error = value("list", Node::integer).expect_err("a list");
    assert_eq!(
        error,
        "expected a whole number, found `builtins.list` as `ListNode`"
    );
    let error = value("nothing", Node::integer).expect_err("missing");
    assert_eq!(error, "`nothing`: it is not there");
}

#[test]
fn dictionaries_and_objects_are_walked_by_name() {
    let inner = |node: Node<'static>| node.need("inner")?.need("x")?.integer();
    assert_eq!(value("dict", inner), Ok(1));
    assert_eq!(value("ordered", |node| node.need("a")?.integer()), Ok(1));
    assert_eq!(value("default", |node| node.need("k")?.integer()), Ok(1));
    let class = |node: Node<'static>| Ok(node.class());
    let encoder = "sklearn.preprocessing._label.LabelEncoder";
    assert_eq!(value("encoder", class), Ok(encoder.to_owned()));
    let classes = |node: Node<'static>| node.need("classes_")?.array();
    let classes = value("encoder", classes).expect("classes");
    assert_eq!(classes.data(), &texts(&["x", "y"]));
    let mean = value("scaler", |node| node.need("mean_")?.array());
    assert_eq!(mean.expect("a mean").data(), &Data::from(vec![2.0]));
    assert_eq!(value("dict", |node| Ok(node.get("y")?.is_none())), Ok(true));
    assert!(value("list", |node| Ok(node.get("y")?.is_none())).is_err());
}

#[test]
fn lists_tuples_and_sets_have_items_in_order() {
    let numbers = |node: Node<'static>| {
        node.items()?
            .map(Node::integer)
            .collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(value("tuple", numbers), Ok(vec![1, 2]));
    assert_eq!(value("set", numbers), Ok(vec![5]));
    let nested = |node: Node<'static>| {
        let mut items = node.items()?;
        let texts = items.nth(1).map(Node::text).transpose()?;
        let list = items.next().map(|node| node.items());
        let inner = list.transpose()?.and_then(|mut items| items.next());
        Ok((texts, inner.map(Node::float).transpose()?))
    };
    assert_eq!(value("list", nested), Ok((Some("a".to_owned()), Some(2.5))));
    assert!(value("dict", |node| Ok(node.items()?.len())).is_err());
}

#[test]
fn arrays_come_in_their_own_type_and_in_row_major_order() {
    for (key, shape, data) in [
        ("ints", &[2, 3][..], vec![1_i64, 2, 3, 4, 5, 6].into()),
        (
            "fortran",
            &[3, 2],
            vec![1.5, 2.5, 3.5, 4.5, 5.5, 6.5].into(),
        ),
        ("texts", &[3], texts(&["no", "yes", "größer"])),
        ("bools", &[2], vec![true, false].into()),
        ("bytes", &[2], vec![1_u8, 255].into()),
        ("first", &[3], vec![3_i32, 1, 2].into()),
        ("second", &[3], vec![3_i32, 1, 2].into()),
        ("scalar", &[], vec![2.25].into()),
        ("empty", &[0, 2], Vec::<f64>::new().into()),
        ("objects", &[2], texts(&["b", "a"])),
        ("object_ints", &[2], vec![10_i64, 20].into()),
        ("object_floats", &[2], vec![0.5, 1.5].into()),
        ("object_bools", &[2], vec![true, false].into()),
    ] {
        let found = array(key);
        assert_eq!((found.shape(), found.data()), (shape, &data), "{key}");
    }
}

#[test]
fn arrays_of_no_one_type_are_refused() {
    for (key, reason) in [
        ("object_mixed", "expected a number with a fraction"),
        ("object_matrix", "of 2 dimensions"),
        ("records", "arrays of records"),
        ("list", "expected an array"),
        ("raw", "expected an array"),
        ("type", "expected an array"),
    ] {
        let error = value(key, Node::array).expect_err(key);
        assert!(error.contains(reason), "{key}: {error}");
    }
}

#[test]
fn a_reference_is_what_it_refers_to() {
    // As skops 0.16.0 reads it; it writes none itself.
    let schema = br#"{"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode",
        "__id__": 1, "protocol": 2, "content": {
        "a": {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
              "content": "5", "__id__": 2},
        "b": {"__class__": "int", "__module__": "builtins", "__loader__": "CachedNode", "__id__": 2},
        "c": {"__class__": "int", "__module__": "builtins", "__loader__": "CachedNode", "__id__": 3},
        "d": {"__class__": "dict", "__module__": "builtins", "__loader__": "CachedNode", "__id__": 1}}}"#;
    let file = zip(&[("schema.json", schema)]);
    let look = |path: &[&str]| {
        with_root(&file, &Limits::default(), |root| {
            let node = path.iter().try_fold(root, |node, key| node.need(key))?;
            node.integer()
        })
    };
    assert_eq!(look(&["b"]), Ok(5));
    assert!(look(&["c"]).is_err(), "refers to nothing");
    assert_eq!(look(&["d", "d", "d", "a"]), Ok(5));
}
