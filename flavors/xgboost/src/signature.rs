//! Signatures made from a model, as MLflow infers them.

use crate::class::Class;
use crate::model::{Model, Names};
use crate::program::{Answers, answers};
use crate::source::Read;
use flowgate_core::{ColumnSpec, ColumnType, DataType, Scalar, Schema, TensorSpec, TensorType};

/// What the model takes: a column for every feature, by its name; without names one tensor.
/// Numbers are doubles, which can be missing; categories with names are of the names' type.
pub(crate) fn of_inputs(model: &Model) -> Schema {
    if model.names.is_empty() {
        return Schema::Tensors(vec![TensorSpec {
            name: None,
            kind: TensorType::Data(DataType::F64),
            shape: vec![None, Some(model.features)],
        }]);
    }
    let columns = model.names.iter().enumerate().map(|(feature, name)| {
        let scalar = match model.categories(feature) {
            None => Scalar::Double,
            Some(Names::Texts(_) | Names::Lost) => Scalar::String,
            Some(Names::Wholes(_)) => Scalar::Long,
        };
        ColumnSpec {
            name: Some(name.as_str().into()),
            kind: ColumnType::Scalar(scalar),
            required: true,
        }
    });
    Schema::Columns(columns.collect())
}

/// What `predict` gives: one tensor without a name.
pub(crate) fn of_outputs(model: &Model, class: Class) -> Read<Schema> {
    let (datatype, width) = match answers(model, class)? {
        Answers::Numbers => (DataType::F32, None),
        Answers::Vectors(width) => (DataType::F32, Some(width)),
        Answers::Classes => (DataType::I64, None),
        Answers::Labels(width) => (DataType::F64, Some(width)),
    };
    Ok(Schema::Tensors(vec![TensorSpec {
        name: None,
        kind: TensorType::Data(datatype),
        shape: [None].into_iter().chain(width.map(Some)).collect(),
    }]))
}

/// `example`, which was made from a few values, with doubles where the values were whole and the
/// model takes any number.
pub(crate) fn settle(example: Schema, model: &Model) -> Schema {
    let Schema::Columns(mut columns) = example else {
        return example;
    };
    for column in &mut columns {
        let name = column.name.as_deref();
        let feature = model
            .names
            .iter()
            .position(|feature| Some(feature.as_str()) == name);
        let kind = feature.and_then(|feature| model.types.get(feature));
        let is_whole = matches!(kind.map(String::as_str), Some("int" | "i" | "c"));
        let is_category = feature.is_some_and(|feature| model.categories(feature).is_some());
        if let ColumnType::Scalar(scalar @ (Scalar::Integer | Scalar::Long)) = &mut column.kind
            && !is_whole
            && !is_category
        {
            *scalar = Scalar::Double;
        }
    }
    Schema::Columns(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Booster, Forest};

    fn model(objective: &str, classes: usize, outputs: usize) -> Model {
        let categories = vec![None, Some(Names::Texts(vec!["red".to_owned()])), None];
        let forest = Forest {
            trees: Vec::new(),
            groups: Vec::new(),
            rounds: vec![0],
            weights: None,
            categories,
        };
        Model {
            classes,
            outputs,
            features: 3,
            names: ["x", "colour", "n"].map(str::to_owned).to_vec(),
            types: ["float", "c", "int"].map(str::to_owned).to_vec(),
            ..Model::sample(objective, Booster::Trees(forest))
        }
    }

    fn kinds(schema: &Schema) -> Vec<String> {
        match schema {
            Schema::Columns(columns) => columns
                .iter()
                .map(|column| column.kind.to_string())
                .collect(),
            Schema::Tensors(tensors) => tensors.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn features_become_columns_and_without_names_a_tensor() {
        let mut model = model("reg:squarederror", 0, 1);
        assert_eq!(kinds(&of_inputs(&model)), ["double", "string", "double"]);
        model.names.clear();
        let Schema::Tensors(tensors) = of_inputs(&model) else {
            panic!("a tensor");
        };
        assert_eq!(tensors[0].shape, [None, Some(3)]);
    }

    #[test]
    fn answers_have_the_types_that_mlflow_infers() {
        let output = |objective, classes, outputs, class| {
            let schema = of_outputs(&model(objective, classes, outputs), class);
            let Ok(Schema::Tensors(tensors)) = schema else {
                panic!("a tensor");
            };
            (tensors[0].kind.name(), tensors[0].shape.clone())
        };
        assert_eq!(
            output("binary:logistic", 0, 1, Class::Booster),
            ("float32", vec![None])
        );
        assert_eq!(
            output("multi:softprob", 3, 3, Class::Booster),
            ("float32", vec![None, Some(3)])
        );
        assert_eq!(
            output("multi:softprob", 3, 3, Class::Classifier),
            ("int64", vec![None])
        );
        assert_eq!(
            output("binary:logistic", 0, 3, Class::Classifier),
            ("float64", vec![None, Some(3)])
        );
    }

    #[test]
    fn whole_numbers_of_an_example_are_doubles_where_the_model_takes_them() {
        let column = |name: &str, scalar| ColumnSpec {
            name: Some(name.into()),
            kind: ColumnType::Scalar(scalar),
            required: true,
        };
        let example = Schema::Columns(vec![
            column("x", Scalar::Long),
            column("colour", Scalar::String),
            column("n", Scalar::Long),
        ]);
        let settled = settle(example, &model("reg:squarederror", 0, 1));
        assert_eq!(kinds(&settled), ["double", "string", "long"]);
    }
}
