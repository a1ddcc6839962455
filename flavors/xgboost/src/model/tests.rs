use super::*;

/// A tree of one leaf, with `more` keys.
fn leaf(more: &str) -> String {
    format!(
        "{{\"left_children\": [-1], \"right_children\": [-1], \"split_indices\": [0], \
         \"split_conditions\": [5E-1], \"default_left\": [0]{more}}}"
    )
}

/// A root that asks for categories, and two leaves, with `more` keys.
fn asking(more: &str) -> String {
    format!(
        "{{\"left_children\": [1, -1, -1], \"right_children\": [2, -1, -1], \"split_indices\": \
         [0, 0, 0], \"split_conditions\": [NaN, 1, 2], \"default_left\": [true, false, false]\
         {more}}}"
    )
}

fn booster(trees: &[String], groups: &str, more: &str) -> String {
    let trees = trees.join(",");
    format!(
        "{{\"model\": {{\"trees\": [{trees}], \"tree_info\": {groups}{more}}}, \"name\": \"gbtree\"}}"
    )
}

/// A file of one feature.
fn file(param: &str, booster: &str, version: &str) -> String {
    format!(
        "{{\"learner\": {{\"attributes\": {{}}, \"gradient_booster\": {booster}, \
         \"learner_model_param\": {{\"base_score\": \"5E-1\", \"num_feature\": \"1\"{param}}}, \
         \"objective\": {{\"name\": \"reg:squarederror\"}}}}, \"version\": {version}}}"
    )
}

fn read_booster(booster: &str) -> Read<Model> {
    Model::read(file("", booster, "[3, 2, 0]").as_bytes())
}

fn forest(booster: &str) -> Forest {
    let model = read_booster(booster).unwrap_or_else(|error| panic!("{error}"));
    match model.booster {
        Booster::Trees(forest) => forest,
        Booster::Linear(_) => panic!("trees"),
    }
}

#[track_caller]
fn refused(read: Read<Model>, expected: &str) {
    let error = read.expect_err("refused").to_string();
    assert!(error.contains(expected), "`{expected}` is not in: {error}");
}

#[test]
fn what_a_file_does_not_say_is_what_xgboost_takes_it_for() {
    let model = read_booster(&booster(&[leaf("")], "[0]", "")).expect("a model");
    assert_eq!((model.outputs, model.classes), (1, 0));
    assert_eq!(model.version, [3, 2, 0]);
    assert!(model.from_average && model.is_fitted());
    assert_eq!(model.best_round, None);
    let forest = forest(&booster(&[leaf(""), leaf("")], "[0, 0]", ""));
    assert_eq!(forest.rounds, [0, 1, 2]);
    assert_eq!((forest.weights, forest.categories.len()), (None, 0));
}

#[test]
fn keys_that_are_needed_are_missed_by_name() {
    let whole = file("", &booster(&[leaf("")], "[0]", ""), "[3, 2, 0]");
    for key in [
        "learner",
        "gradient_booster",
        "learner_model_param",
        "base_score",
        "num_feature",
        "objective",
        "model",
        "trees",
        "tree_info",
        "left_children",
        "split_conditions",
    ] {
        let without = whole.replace(&format!("\"{key}\""), "\"x\"");
        let error = Model::read(without.as_bytes()).expect_err(key).to_string();
        assert!(error.contains(key) && error.contains("missing"), "{error}");
    }
}

#[test]
fn trees_stand_where_their_numbers_say() {
    let second = leaf(", \"id\": 1").replace("5E-1", "2E0");
    let first = leaf(", \"id\": 0");
    let forest = forest(&booster(&[second.clone(), first], "[0, 0]", ""));
    assert_eq!(forest.trees[0].condition, [0.5]);
    assert_eq!(forest.trees[1].condition, [2.0]);
    let twice = booster(&[second.clone(), second], "[0, 0]", "");
    refused(read_booster(&twice), "trees[1].id");
}

#[test]
fn sets_of_categories_are_cut_out_of_one_list() {
    let tree = asking(
        ", \"split_type\": [1, 0, 0], \"categories\": [7, 2, 2, 16777216], \
         \"categories_nodes\": [0], \"categories_segments\": [0], \"categories_sizes\": [4]",
    );
    let forest = forest(&booster(&[tree], "[0]", ""));
    assert_eq!(forest.trees[0].set_nodes, [0]);
    assert_eq!(forest.trees[0].sets, [[2, 7]]);
    for (nodes, starts, sizes, types) in [
        ("[0]", "[0]", "[5]", "[1, 0, 0]"),
        ("[0]", "[3]", "[2]", "[1, 0, 0]"),
        ("[0]", "[0]", "[0]", "[1, 0, 0]"),
        ("[0]", "[]", "[1]", "[1, 0, 0]"),
        ("[1]", "[0]", "[1]", "[1, 0, 0]"),
        ("[0]", "[0]", "[1]", "[0, 0, 0]"),
        // Each of the two sets is there, together they are more than the list.
        ("[0, 1]", "[0, 0]", "[3, 3]", "[1, 1, 0]"),
    ] {
        let tree = asking(&format!(
            ", \"split_type\": {types}, \"categories\": [7, 2, 2, 1], \"categories_nodes\": \
             {nodes}, \"categories_segments\": {starts}, \"categories_sizes\": {sizes}"
        ));
        refused(
            read_booster(&booster(&[tree], "[0]", "")),
            "trees[0].categor",
        );
    }
}

#[test]
fn vectors_of_leaves_are_the_weights_of_nodes_where_they_have_no_list_of_their_own() {
    let param = ", \"tree_param\": {\"num_nodes\": \"1\", \"size_leaf_vector\": \"2\"}";
    let vectors = |more: &str| {
        let trees = [leaf(&format!("{more}{param}"))];
        let forest = forest(&booster(&trees, "[0]", ""));
        forest.trees[0].vectors.clone().expect("vectors")
    };
    let of_nodes = vectors(", \"base_weights\": [1, 2]");
    assert_eq!((of_nodes.values, of_nodes.by_node), (vec![1.0, 2.0], true));
    let own = vectors(", \"base_weights\": [1, 2], \"leaf_weights\": [3, 4]");
    assert_eq!((own.values, own.by_node), (vec![3.0, 4.0], false));
    refused(
        read_booster(&booster(&[leaf(param)], "[0]", "")),
        "leaf_weights",
    );
}

#[test]
fn weights_of_trees_stand_beside_the_model_or_in_it() {
    let inner = booster(&[leaf(""), leaf("")], "[0, 0]", "");
    let dart = format!("{{\"gbtree\": {inner}, \"name\": \"dart\", \"weight_drop\": [0.5, 2]}}");
    assert_eq!(forest(&dart).weights, Some(vec![0.5, 2.0]));
    // From 3.3 on; trees behind the last weight have 1.
    let inside = booster(&[leaf(""), leaf("")], "[0, 0]", ", \"weight_drop\": [0.5]");
    assert_eq!(forest(&inside).weights, Some(vec![0.5, 1.0]));
    let many = booster(&[leaf("")], "[0]", ", \"weight_drop\": [0.5, 1]");
    refused(read_booster(&many), "weight_drop");
}

#[test]
fn parts_that_contradict_each_other_are_refused_with_their_place() {
    let one = booster(&[leaf("")], "[0]", "");
    for (param, expected) in [
        (", \"num_class\": \"3\", \"num_target\": \"2\"", "at once"),
        (", \"num_class\": \"2000000\"", "num_class"),
        (", \"num_target\": \"-1\"", "num_target"),
    ] {
        let file = file(param, &one, "[3, 2, 0]");
        refused(Model::read(file.as_bytes()), expected);
    }
    for (trees, groups, more, expected) in [
        (leaf(""), "[1]", "", "tree_info[0]"),
        (leaf(""), "[0, 0]", "", "tree_info"),
        (
            leaf(""),
            "[0]",
            ", \"iteration_indptr\": [0, 2]",
            "iteration_indptr",
        ),
        (
            leaf(""),
            "[0]",
            ", \"cats\": {\"enc\": [{}, {}]}",
            "cats.enc",
        ),
        (
            leaf(""),
            "[0]",
            ", \"gbtree_model_param\": {\"num_trees\": \"2\"}",
            "num_trees",
        ),
        (leaf("").replace("[-1]", "[]"), "[0]", "", "no node"),
        (
            leaf("").replace("[5E-1]", "[1, 2]"),
            "[0]",
            "",
            "split_conditions",
        ),
        (
            leaf(", \"tree_param\": {\"num_nodes\": \"7\"}"),
            "[0]",
            "",
            "num_nodes",
        ),
    ] {
        refused(read_booster(&booster(&[trees], groups, more)), expected);
    }
}

#[test]
fn a_linear_model_has_a_weight_for_every_feature_and_output() {
    let linear = |weights: &str| {
        let booster = format!(
            "{{\"model\": {{\"boosted_rounds\": 1, \"weights\": {weights}}}, \"name\": \
             \"gblinear\"}}"
        );
        read_booster(&booster)
    };
    let model = linear("[1, 2]").expect("a model");
    let expected = Linear {
        weights: vec![1.0, 2.0],
        rounds: 1,
    };
    assert_eq!(model.booster, Booster::Linear(expected));
    assert!(linear("[]").is_ok());
    refused(linear("[1, 2, 3]"), "weights");
}

#[test]
fn the_encoding_is_told_by_the_first_key() {
    for (octets, expected) in [
        (b"{\"learner\"".as_slice(), Some(Encoding::Json)),
        (b" {\n \"version\"", Some(Encoding::Json)),
        (b"{L\0\0\0\0\0\0\0\x07learner", Some(Encoding::Ubj)),
        (b"binf", None),
        (b"{", None),
        (b"", None),
    ] {
        assert_eq!(Encoding::of(octets), expected);
    }
}
