//! The environment that MLflow is told to make for a package, so that Python can load it too.
//!
//! Flowgate itself needs none of it.

use flowgate_core::yaml::{self, Mapping, Value};
use flowgate_core::{PackageBuilder, PackageError};

/// The Python that the versions below were tried with.
pub const PYTHON: &str = "3.11.7";

/// What MLflow needs to load a package of any flavor.
const COMMON: [&str; 3] = ["mlflow==3.17.2", "numpy==2.4.6", "pandas==3.1.1"];

/// The value of `python_function.env`.
pub fn section() -> Mapping {
    let mut env = Mapping::new();
    env.insert("conda", "conda.yaml");
    env.insert("virtualenv", "python_env.yaml");
    env
}

/// Writes `requirements.txt`, `conda.yaml` and `python_env.yaml` for a package that needs the
/// Python packages `further` (`onnx==1.23.2`) beside those that every flavor needs.
///
/// # Errors
/// When a file cannot be written.
pub fn write(package: &mut PackageBuilder, further: &[&str]) -> Result<(), PackageError> {
    let mut requirements = [&COMMON, further].concat();
    requirements.sort_unstable();
    package.write("requirements.txt", requirements.join("\n").as_bytes())?;
    let mut pip = Mapping::new();
    pip.insert("pip", texts(&requirements));
    let mut conda = Mapping::new();
    conda.insert("channels", texts(&["conda-forge"]));
    let python = Value::from(format!("python={PYTHON}"));
    let packages = vec![python, Value::from("pip"), Value::from(pip)];
    conda.insert("dependencies", Value::Seq(packages));
    conda.insert("name", "mlflow-env");
    package.write("conda.yaml", yaml::emit(&conda.into()).as_bytes())?;
    let mut environment = Mapping::new();
    environment.insert("python", PYTHON);
    environment.insert("build_dependencies", texts(&["pip", "setuptools", "wheel"]));
    environment.insert("dependencies", texts(&["-r requirements.txt"]));
    package.write(
        "python_env.yaml",
        yaml::emit(&environment.into()).as_bytes(),
    )
}

fn texts(texts: &[&str]) -> Value {
    Value::Seq(texts.iter().map(|text| Value::from(*text)).collect())
}
