//! How fast are trees, beside the libraries that they come from? One thread, rows rotated over
//! 16 384 distinct ones, rounds of all contestants taking turns in one run.
//!
//! `cargo xtask trees` trains the models, brings the libraries and runs it as
//! `cargo bench --bench trees -- FOLDER PYTHON [ROUNDS [KERNEL,…]]`: what `benches/trees/make.py`
//! made, a Python with `benches/trees/requirements.txt`, and names of `--tree-kernel`. Without them
//! it says so and ends.

use flowgate_core::{
    Artifact, Buffer, Data, DataType, Format, Frame, LoadOptions, NamedTensor, PackRequest,
    Package, PackageBuilder, Port, PortKind, Session, Tensor,
};
use runtimes::Settings;
use serde_json::Value;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Columns of a row.
const COLUMNS: usize = 50;

/// Rows of a call.
const CALLS: [usize; 4] = [1, 8, 100, 1000];

/// How long one of our rounds takes.
const ROUND: Duration = Duration::from_millis(200);

/// A model, its own library, and the files that hold it.
const MODELS: [(&str, &str, &[&str]); 4] = [
    ("x500", "xgboost", &["x500.ubj", "x500.onnx"]),
    ("x100", "xgboost", &["x100.ubj", "x100.onnx"]),
    ("l500", "lightgbm", &["l500.txt", "l500.onnx"]),
    ("r100", "scikit-learn", &["r100.onnx"]),
];

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn main() {
    let given = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let given: Vec<String> = given.collect();
    let [folder, python, ..] = given.as_slice() else {
        println!("skipped: `cargo xtask trees` brings the models and the libraries");
        return;
    };
    let (folder, python) = (PathBuf::from(folder), PathBuf::from(python));
    let rounds = given
        .get(2)
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(5);
    let kernels: Vec<&str> = given
        .get(3)
        .map_or(vec!["auto"], |names| names.split(',').collect());
    let rows = Rows::read(&folder.join("rows.f32"));
    load_times(&folder);
    let mut libraries = Libraries::start(&python, &folder);
    println!("model  file       kernel    rows   ns a row   library   times   onnxruntime   times");
    for (model, library, files) in MODELS {
        let mut ours: Vec<Ours> = Vec::new();
        for file in files {
            for kernel in &kernels {
                let (port, mut session) = session(&folder.join(file), kernel);
                let mut first = Calls {
                    rows: &rows,
                    port: &port,
                    count: 1,
                    next: 0,
                };
                // Not every kernel takes every model.
                if session.run(first.frame()).is_ok() {
                    ours.push(Ours {
                        file,
                        kernel: (*kernel).to_owned(),
                        port,
                        session,
                        next: 0,
                    });
                }
            }
        }
        for call in CALLS {
            let mut fastest = vec![f64::INFINITY; ours.len()];
            let mut theirs = [f64::INFINITY; 2];
            for _ in 0..rounds {
                for (ours, fastest) in ours.iter_mut().zip(&mut fastest) {
                    *fastest = fastest.min(ours.round(&rows, call) / call as f64);
                }
                for (theirs, contestant) in theirs.iter_mut().zip([library, "onnxruntime"]) {
                    *theirs = theirs.min(libraries.round(model, contestant, call));
                }
            }
            for (ours, ns) in ours.iter().zip(fastest) {
                let [own, ort] = theirs;
                println!(
                    "{model:5}  {:9}  {:8}  {call:4}  {ns:9.0} {own:9.0} {:7.1}  {ort:12.0} {:7.1}",
                    ours.file,
                    ours.kernel,
                    own / ns,
                    ort / ns
                );
            }
        }
    }
}

/// From a file to a model that answers, without reading it from the disk for the first time.
#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn load_times(folder: &Path) {
    println!("file       load ms   (fastest of 5: plan, kernels, session)");
    for (_, _, files) in MODELS {
        for file in files {
            let path = folder.join(file);
            let packed = packed(&path);
            let load = || {
                let start = Instant::now();
                black_box(loaded(&packed, "auto"));
                start.elapsed().as_secs_f64() * 1e3
            };
            let fastest = (0..5).map(|_| load()).fold(f64::INFINITY, f64::min);
            println!("{file:9}  {fastest:7.1}");
        }
    }
    println!();
}

/// A session of ours.
struct Ours {
    file: &'static str,
    kernel: String,
    port: Port,
    session: Box<dyn Session>,
    /// Where the next call's rows begin: rounds go on where the last stopped.
    next: usize,
}

impl Ours {
    /// Nanoseconds that a call takes, on average of a round.
    fn round(&mut self, rows: &Rows, count: usize) -> f64 {
        let mut next = Calls {
            rows,
            port: &self.port,
            count,
            next: self.next,
        };
        let mut calls = |count: u32| {
            let start = Instant::now();
            for _ in 0..count {
                black_box(self.session.run(next.frame()).expect("an answer"));
            }
            start.elapsed().as_secs_f64() * 1e9
        };
        let warm = calls(3) / 3.0;
        let count = (ROUND.as_nanos() as f64 / warm.max(100.0)).clamp(1.0, 1e7) as u32;
        let found = calls(count) / f64::from(count);
        self.next = next.next;
        found
    }
}

/// A package of the file, in a folder that lasts.
struct Packed {
    package: Package,
    _folder: tempfile::TempDir,
}

fn packed(file: &Path) -> Packed {
    let folder = tempfile::tempdir().expect("a folder");
    let flavor = flavors::find_for_source(file).expect("a flavor");
    let mut builder = PackageBuilder::create(folder.path().join("package")).expect("new");
    let request = PackRequest {
        source: file.to_owned(),
        ..PackRequest::default()
    };
    flavor.pack(&request, &mut builder).expect("packed");
    Packed {
        package: builder.finish().expect("whole"),
        _folder: folder,
    }
}

fn loaded(packed: &Packed, kernel: &str) -> (Port, Box<dyn Session>) {
    let (flavor, section) = flavors::choose(packed.package.manifest()).expect("a flavor");
    let plan = flavor.plan(&packed.package, section).expect("a plan");
    run_by(&plan.artifact, kernel)
}

/// A session of the runtime of tables, and what it takes.
fn run_by(artifact: &Artifact, kernel: &str) -> (Port, Box<dyn Session>) {
    let settings = Settings {
        tree_kernel: Some(kernel.to_owned()),
        ..Settings::default()
    };
    let runtimes = runtimes::all(&settings);
    let tabular = runtimes.iter().find(|runtime| runtime.name() == "tabular");
    let options = LoadOptions {
        threads: Some(1),
        ..LoadOptions::default()
    };
    let model = tabular.expect("built in").load(artifact, &options);
    let model = model.expect("loaded");
    let port = model.signature().inputs[0].clone();
    (port, model.session().expect("a session"))
}

fn session(file: &Path, kernel: &str) -> (Port, Box<dyn Session>) {
    if file
        .extension()
        .is_some_and(|extension| extension == "onnx")
    {
        let artifact = Artifact {
            format: Format::Onnx,
            path: file.to_owned(),
            companions: Vec::new(),
            program: None,
        };
        return run_by(&artifact, kernel);
    }
    loaded(&packed(file), kernel)
}

/// The rows, row-major, in the two types that models take.
struct Rows {
    narrow: Buffer<f32>,
    wide: Buffer<f64>,
}

/// So many rows of a call after the other, made into what one model takes, from the first again
/// after the last: what a request's rows are when they have been read.
struct Calls<'a> {
    rows: &'a Rows,
    port: &'a Port,
    /// Rows of a call.
    count: usize,
    next: usize,
}

impl Rows {
    fn read(path: &Path) -> Self {
        let octets = fs_err::read(path).expect("what make.py made");
        let cells = octets
            .as_chunks()
            .0
            .iter()
            .map(|cell| f32::from_le_bytes(*cell));
        let narrow: Vec<f32> = cells.collect();
        let wide: Vec<f64> = narrow.iter().map(|cell| f64::from(*cell)).collect();
        Self {
            narrow: narrow.into(),
            wide: wide.into(),
        }
    }
}

impl Calls<'_> {
    fn frame(&mut self) -> Frame {
        let cells = self.count * COLUMNS;
        if self.next + cells > self.rows.narrow.len() {
            self.next = 0;
        }
        let range = self.next..self.next + cells;
        self.next = range.end;
        let data = if self.port.kind == PortKind::Tensor(DataType::F64) {
            Data::F64(self.rows.wide.slice(range))
        } else {
            Data::F32(self.rows.narrow.slice(range))
        };
        let tensor = Tensor::new([self.count, COLUMNS].as_slice(), data).expect("whole");
        Frame::new(vec![NamedTensor::new(self.port.name.clone(), tensor)])
    }
}

/// The libraries, in a Python of their own that answers a line with a line.
struct Libraries {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Libraries {
    fn start(python: &Path, folder: &Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/trees/time.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python");
        Self {
            asks: child.stdin.take().expect("piped"),
            answers: BufReader::new(child.stdout.take().expect("piped")),
            child,
        }
    }

    /// Nanoseconds a row.
    fn round(&mut self, model: &str, contestant: &str, rows: usize) -> f64 {
        writeln!(self.asks, "{model} {contestant} {rows}").expect("it listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        let found = answer["wall"]["round"].as_f64();
        found.unwrap_or_else(|| panic!("{contestant} on {model}: {answer}"))
    }
}

impl Drop for Libraries {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
