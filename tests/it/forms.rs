//! The forms of bodies and answers over HTTP: by column, packed, and as the client likes them.

use crate::support::{Answer, Limits, TestApp, loader, program, root};
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use flowgate::compression::Packing;
use flowgate::scoring::columnar::{self, arrow_stream};
use flowgate_core::{Data, Frame, NamedTensor, Signature, Tensor};
use std::io::Write;

const ROW: &str = r#"{"dataframe_split": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"], "data": [[4.5, 2.3, 1.3, 0.3]]}}"#;

const EXPECTED: &str = r#"{"predictions": [{"output_label": 0, "output_probability": {"0": 1.0, "1": 0.0, "2": 0.0}}]}"#;

fn iris() -> TestApp {
    TestApp::serve(&root().join("models/iris/3"), "tabular").expect("loaded")
}

fn small(body: usize) -> TestApp {
    let limits = Limits {
        body,
        ..Limits::default()
    };
    TestApp::load(&loader("tabular"), &root().join("models/iris/3"), limits).expect("loaded")
}

async fn send(app: &TestApp, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/invocations");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(body.into()).expect("a request"))
        .await
}

const JSON: (&str, &str) = ("content-type", "application/json");
const PARQUET: (&str, &str) = ("content-type", "application/vnd.apache.parquet");
const STREAM: (&str, &str) = ("content-type", "application/vnd.apache.arrow.stream");

/// `rows` rows of the model's columns, as an Arrow stream.
fn stream(rows: usize) -> Vec<u8> {
    let names = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
    let column = |(name, value): (&str, f64)| {
        NamedTensor::new(name, Tensor::column(Data::from(vec![value; rows])))
    };
    let columns = names.into_iter().zip([4.5, 2.3, 1.3, 0.3]).map(column);
    columnar::arrow(&Frame::new(columns.collect())).expect("a table")
}

// === bodies ===

#[tokio::test]
async fn a_stream_and_a_parquet_file_have_the_answer_that_json_has() {
    let app = iris();
    let answer = send(&app, &[STREAM], stream(1)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, EXPECTED)
    );
    let file = fs_err::read(root().join("tests/columnar/iris.parquet")).expect("a file");
    let answer = send(&app, &[PARQUET], file).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, EXPECTED)
    );
}

#[tokio::test]
async fn what_is_no_parquet_file_or_no_stream_is_a_bad_request_in_mlflows_words() {
    let app = iris();
    for body in ["", "PAR1", "not parquet"] {
        let answer = send(&app, &[PARQUET], body).await;
        assert_eq!(answer.status.as_u16(), 400, "{body}");
        assert_eq!(answer.json()["error_code"], "BAD_REQUEST");
        assert_eq!(answer.json()["errors"][0]["code"], "bad_parquet");
        assert!(
            answer
                .text()
                .contains("Failed to parse input as a Pandas DataFrame.")
        );
        let answer = send(&app, &[STREAM], body).await;
        assert_eq!(answer.status.as_u16(), 400, "{body}");
        assert_eq!(answer.json()["errors"][0]["code"], "bad_arrow");
    }
}

#[tokio::test]
async fn a_file_that_grows_without_end_is_too_large() {
    let app = iris();
    let file = fs_err::read(root().join("tests/columnar/bomb.parquet")).expect("a file");
    assert!(file.len() < 4 << 10, "{}", file.len());
    let answer = send(&app, &[PARQUET], file).await;
    assert_eq!(answer.status.as_u16(), 413, "{}", answer.text());
    assert!(answer.text().contains("when unpacked"), "{}", answer.text());
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    let app = iris();
    for packing in [Packing::Gzip, Packing::Zstd] {
        let packed = packing.pack(ROW.as_bytes()).expect("packed");
        let encoding = ("content-encoding", packing.name());
        let answer = send(&app, &[JSON, encoding], packed).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, EXPECTED)
        );
        let packed = packing.pack(&stream(1)).expect("packed");
        let answer = send(&app, &[STREAM, encoding], packed).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, EXPECTED)
        );
        let answer = send(&app, &[JSON, encoding], ROW).await;
        assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
        assert!(answer.text().contains(packing.name()), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_bomb_is_too_large_whatever_it_is_packed_with() {
    let app = small(1 << 20);
    let octets = vec![b' '; 16 << 20];
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&octets).expect("packed");
    let gzip = gzip.finish().expect("packed");
    let zstd = Packing::Zstd.pack(&octets).expect("packed");
    for (packing, packed) in [(Packing::Gzip, gzip), (Packing::Zstd, zstd)] {
        assert!(packed.len() * 1000 < octets.len(), "{}", packed.len());
        let answer = send(&app, &[JSON, ("content-encoding", packing.name())], packed).await;
        assert_eq!(answer.status.as_u16(), 413, "{}", answer.text());
        assert_eq!(answer.json()["error_code"], "BAD_REQUEST");
    }
}

#[tokio::test]
async fn other_packings_and_two_at_once_are_unsupported_in_plain_text() {
    let app = iris();
    for encoding in ["br", "deflate", "gzip, zstd", "compress"] {
        let answer = send(&app, &[JSON, ("content-encoding", encoding)], ROW).await;
        assert_eq!(answer.status.as_u16(), 415, "{encoding}");
        assert!(answer.header("content-type").starts_with("text/plain"));
        assert!(answer.text().starts_with("This server only supports"));
    }
    let answer = send(&app, &[JSON, ("content-encoding", "identity")], ROW).await;
    assert_eq!(answer.status.as_u16(), 200);
}

// === answers ===

#[tokio::test]
async fn the_answer_comes_in_the_form_that_the_client_likes() {
    let app = iris();
    let answer = send(&app, &[JSON, ("accept", "text/csv")], ROW).await;
    assert_eq!(
        answer.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        answer.text(),
        "output_label,output_probability.0,output_probability.1,output_probability.2\r\n0,1.0,0.0,0.0\r\n"
    );
    assert_eq!(answer.header("vary"), "accept, accept-encoding");
    let arrow = ("accept", "application/vnd.apache.arrow.stream, */*;q=0.1");
    let answer = send(&app, &[JSON, arrow], ROW).await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.apache.arrow.stream"
    );
    let inputs = r#"[{"type": "long", "name": "output_label", "required": true},
        {"type": "map", "values": {"type": "float"}, "name": "output_probability", "required": true}]"#;
    let signature = Signature::parse(Some(inputs), None, None).expect("a signature");
    let limits = columnar::Limits::for_body(1 << 20);
    let body = Bytes::from(answer.body);
    let read = arrow_stream(&body, &signature, limits).expect("a stream");
    let tensors = read.request.frame.into_tensors();
    assert_eq!(tensors[0].tensor, Tensor::column(vec![0_i64]));
    let map = [r#"{"0": 1.0, "1": 0.0, "2": 0.0}"#];
    assert_eq!(
        tensors[1].tensor.data(),
        &Data::Json(map.into_iter().collect())
    );
}

#[tokio::test]
async fn a_client_that_likes_nothing_we_write_gets_json_as_from_mlflow() {
    let app = iris();
    for accept in ["image/png", "*/*", "application/*", "", "text/csv;q=0"] {
        let answer = send(&app, &[JSON, ("accept", accept)], ROW).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, EXPECTED),
            "{accept}"
        );
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_table_is_not_acceptable_as_csv() {
    let path = root().join("tests/golden/models/uint8_tensor");
    let app = TestApp::serve(&path, "ort").expect("loaded");
    let body = r#"{"inputs": [[[0, 128], [255, 1]]]}"#;
    let answer = send(&app, &[JSON], body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let answer = send(&app, &[JSON, ("accept", "text/csv")], body).await;
    assert_eq!(answer.status.as_u16(), 406, "{}", answer.text());
    assert!(answer.text().contains("dimensions"), "{}", answer.text());
    let arrow = ("accept", "application/vnd.apache.arrow.stream");
    let answer = send(&app, &[JSON, arrow], body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
}

#[tokio::test]
async fn large_answers_are_packed_for_who_can_unpack_them() {
    let app = iris();
    let plain = send(&app, &[STREAM], stream(1000)).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.header("vary"), "accept, accept-encoding");
    for (accept, packing) in [
        ("gzip", Packing::Gzip),
        ("gzip, deflate, br, zstd", Packing::Zstd),
    ] {
        let headers = [STREAM, ("accept-encoding", accept)];
        let packed = send(&app, &headers, stream(1000)).await;
        assert_eq!(packed.header("content-encoding"), packing.name());
        assert!(packed.body.len() * 4 < plain.body.len());
        let octets = packing
            .unpack(&packed.body, plain.body.len())
            .expect("unpacked");
        assert_eq!(octets, plain.body);
        let short = send(&app, &[JSON, ("accept-encoding", accept)], ROW).await;
        assert_eq!(
            (short.header("content-encoding"), short.text().as_str()),
            ("", EXPECTED)
        );
    }
}

// === the command line ===

#[test]
fn a_file_by_column_is_predicted_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.arrow");
    fs_err::write(&path, stream(1)).expect("written");
    let file = root().join("tests/columnar/iris.parquet");
    for (kind, path) in [("arrow", path), ("parquet", file)] {
        let output = program()
            .args(["predict", "--model", "models/iris/3", "-t", kind, "-i"])
            .arg(path)
            .output()
            .expect("started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{kind}: {errors}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), EXPECTED, "{kind}");
    }
}
