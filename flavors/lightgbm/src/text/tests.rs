use super::lines::Line;
use super::numbers::{floats, integers, setting};
use super::read;
use crate::ensemble::ensemble;
use crate::model::{Child, Names, Objective, Question};
use flowgate_core::program::{Link, Missing, Side};
use flowgate_testkit::trees::sums;

const MODEL: &str = "tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:2
feature_names=a b
feature_infos=[0:1] -1:0:2
tree_sizes=1 1

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
threshold=0.5 0
decision_type=10 1
left_child=1 -1
right_child=-3 -2
leaf_value=0.1 -2e-3 1e300
cat_boundaries=0 2
cat_threshold=5 1
is_linear=0
shrinkage=1


Tree=1
num_leaves=1
num_cat=0
leaf_value=7
shrinkage=1


end of trees

parameters:
[boosting: gbdt]
[categorical_feature: 1]
end of parameters

pandas_categorical:[[\"x\", \"\\u00fc\"]]
";

#[test]
fn a_text_is_read_whatever_its_lines_end_with() {
    for text in [
        MODEL.to_owned(),
        MODEL.replace('\n', "\r\n"),
        MODEL.trim_end().to_owned(),
    ] {
        let model = read(&text).expect("a model");
        assert_eq!((model.outputs, model.trees.len()), (1, 2));
        assert!(!model.averages);
        let scale = match model.objective.link {
            Some(Link::Logistic { scale, .. }) => scale,
            other => panic!("{other:?}"),
        };
        assert_eq!(scale, 2.0);
        let names: Vec<&str> = model.features.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let marks: Vec<bool> = model.features.iter().map(|it| it.categorical).collect();
        assert_eq!(marks, [false, true]);
        let texts = ["x", "ü"].map(str::to_owned).to_vec();
        assert_eq!(model.categories, [Names::Texts(texts)]);
        let tree = &model.trees[0];
        assert!(matches!(tree.splits[0].question, Question::UpTo(0.5)));
        assert_eq!(tree.splits[0].missing, Missing::Nan(Side::Yes));
        assert!(matches!(tree.splits[0].left, Child::Split(1)));
        assert!(matches!(tree.splits[0].right, Child::Leaf(2)));
        assert!(matches!(tree.splits[1].question, Question::Among(0)));
        assert_eq!(tree.sets[0].members, [0, 2, 32]);
        let values = &tree.leaves;
        assert_eq!(*values, [0.1, -0.002, 1e300]);
        assert!(model.trees[1].splits.is_empty());
    }
}

#[test]
fn a_fault_names_its_line() {
    for (from, to, line) in [
        ("tree\n", "trees\n", 1),
        ("num_class=1", "num_class=x", 3),
        ("split_feature=0 1", "split_feature=0 2", 15),
        ("left_child=1 -1", "left_child=1", 18),
        ("Tree=1", "Tree=2", 27),
        ("leaf_value=7", "leaf_value=7 8", 30),
        ("[[\"x\"", "[[\"x", 41),
    ] {
        let fault = read(&MODEL.replacen(from, to, 1)).expect_err(to);
        assert_eq!(fault.line, line, "{to}: {}", fault.reason);
    }
}

#[test]
fn averages_and_unnamed_categories_are_read() {
    let text = MODEL
        .replace("feature_names", "average_output\nfeature_names")
        .replace("[[\"x\", \"\\u00fc\"]]", "null");
    let model = read(&text).expect("a model");
    assert!(model.averages);
    assert_eq!(model.categories, []);
    let line = format!(
        "pandas_categorical:{}",
        "[[], [1, 2], [0.5], [true], [1, \"a\"], [null]]"
    );
    let at = MODEL.find("pandas_categorical").expect("the line");
    let model = read(&format!("{}{line}\n", &MODEL[..at])).expect("a model");
    let expected = [
        Names::None,
        Names::Integers(vec![1, 2]),
        Names::Floats(vec![0.5]),
        Names::Bools(vec![true]),
        Names::Mixed(2),
        Names::Mixed(1),
    ];
    assert_eq!(model.categories, expected);
}

#[test]
fn what_often_reached_leaves_add_comes_first_where_that_is_told() {
    let added = |line: &str| {
        let text = MODEL.replace("is_linear=0", &format!("is_linear=0\n{line}"));
        let model = read(&text).expect("a model");
        let made = ensemble(&model, 1).expect("an ensemble");
        for (cells, expected) in [([0.0, 1.0], -0.002), ([0.0, 2.0], 0.1), ([1.0, 0.0], 1e300)] {
            assert_eq!(sums(&made, &cells), [expected], "{line}");
        }
        let weights = made.weights.iter().map(|weight| weight.value);
        weights.collect::<Vec<f64>>()
    };
    let of_the_file = [0.1, -0.002, 1e300];
    assert_eq!(added("leaf_weight=3 2 1"), of_the_file);
    assert_eq!(added("leaf_count=5 90 20"), [-0.002, 1e300, 0.1]);
    assert_eq!(added("leaf_count=5 4 4294967295"), [1e300, 0.1, -0.002]);
    for nonsense in ["leaf_count=1 2", "leaf_count=1 x 3", "leaf_count=1 -2 3"] {
        assert_eq!(added(nonsense), of_the_file, "{nonsense}");
    }
}

fn line(text: &str) -> Line<'_> {
    Line { number: 1, text }
}

#[test]
fn doubles_are_the_nearest_to_their_text() {
    for text in [
        "0.1",
        "1.0000000180025095e-35",
        "-1234.5678901234567",
        "5e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e+308",
        "9007199254740993",
        "0.500000000000000166533453693773481063544750213623046875",
        "1e400",
        "-1e-400",
        "inf",
        "-inf",
    ] {
        let found = floats(line(&format!("  {text}  ")), "x", 1).expect(text);
        let expected: f64 = text.parse().expect("a number");
        assert_eq!(found[0].to_bits(), expected.to_bits(), "{text}");
    }
    assert!(
        floats(line("nan -nan"), "x", 2)
            .expect("two")
            .iter()
            .all(|it| it.is_nan())
    );
    for text in ["", "1", "1 2 3", "1 x", "1 2x", "0x1p3 1", "1,5 2", "1\t2"] {
        assert!(floats(line(text), "x", 2).is_err(), "{text}");
    }
    assert_eq!(
        integers::<u32>(line(" 0  4294967295"), "x", 2),
        Ok(vec![0, u32::MAX])
    );
    for text in ["", "1", "1 2 3", "-1 1", "1.0 2", "4294967296 1"] {
        assert!(integers::<u32>(line(text), "x", 2).is_err(), "{text}");
    }
}

#[test]
fn settings_are_rounded_step_by_step() {
    // LightGBM 4.7.0 answers with exactly these, and not with the doubles nearest to the texts.
    for (text, expected) in [
        ("5.238", 5.237_999_999_999_999_5),
        ("8.774", 8.774_000_000_000_001),
        ("1.672", 1.672_000_000_000_000_2),
        ("1.731", 1.730_999_999_999_999_9),
        ("1", 1.0),
        ("0.7", 0.7),
        ("1e-05", 1e-5),
        ("2.5e+06", 2_500_000.0),
        (".5", 0.5),
        ("+3", 3.0),
        ("-3", -3.0),
    ] {
        assert_eq!(setting(text), Some(expected), "{text}");
    }
    for text in ["", "-", ".", "x", "1x", "1.x", "1ex", "nan", "0x1"] {
        assert_eq!(setting(text), None, "{text}");
    }
}

#[test]
fn objectives_are_the_functions_that_the_library_makes_of_sums() {
    let link = |text: &str| Objective::parse(line(text)).map(|objective| objective.link);
    for text in [
        "regression",
        "l2",
        "quantile alpha:0.9",
        "huber sqrt",
        "lambdarank",
        "none",
    ] {
        assert_eq!(link(text), Ok(None), "{text}");
    }
    for text in [
        "regression sqrt",
        "regression_l1 sqrt",
        "mape sqrt",
        "fair sqrt",
    ] {
        assert_eq!(link(text), Ok(Some(Link::SignedSquare)), "{text}");
    }
    for text in ["poisson", "gamma", "tweedie", "poisson sqrt"] {
        assert_eq!(link(text), Ok(Some(Link::Exp)), "{text}");
    }
    assert_eq!(link("xentlambda"), Ok(Some(Link::Softplus)));
    assert_eq!(link("multiclass num_class:3"), Ok(Some(Link::Softmax)));
    for text in [
        "",
        "l2 sqrt",
        "binary",
        "binary sigmoid:-1",
        "softmax",
        "multiclassova num_class:2",
    ] {
        assert!(link(text).is_err(), "{text}");
    }
}

/// A model of many trees, which several threads read, each with its number as its one leaf.
fn many(trees: usize) -> String {
    let (header, rest) = MODEL.split_once("Tree=0").expect("a first tree");
    let (_, footer) = rest.split_once("end of trees").expect("an end");
    let sizes = " 1".repeat(trees);
    let mut text = header.replace("tree_sizes=1 1", &format!("tree_sizes={}", &sizes[1..]));
    for tree in 0..trees {
        text += &format!("Tree={tree}\nnum_leaves=1\nnum_cat=0\nleaf_value={tree}\n\n");
    }
    text + "end of trees" + footer
}

#[test]
fn many_trees_are_read_in_their_order() {
    // Also more than are held at once.
    for count in [1000_u16, 4096, 4097, 10_000] {
        let model = read(&many(usize::from(count))).expect("a model");
        let values: Vec<f64> = model.trees.iter().map(|tree| tree.leaves[0]).collect();
        let expected: Vec<f64> = (0..count).map(f64::from).collect();
        assert_eq!(values, expected);
    }
}

#[test]
fn of_many_trees_the_first_fault_is_told() {
    let text = many(1000);
    let wrong =
        |text: &str, tree: usize| text.replace(&format!("leaf_value={tree}\n"), "leaf_value=x\n");
    let line = |text: &str| read(text).expect_err("a fault").line;
    let place = |text: &str| {
        1 + text
            .lines()
            .position(|line| line == "leaf_value=x")
            .expect("it")
    };
    for first in [3, 400, 990] {
        let text = wrong(&wrong(&text, first), 999);
        assert_eq!(line(&text), place(&text));
        // What the cutting ends at is behind it.
        let cut = text.replace("Tree=995\n", "Tree=1\n");
        assert_eq!(line(&cut), place(&cut));
    }
}
