//! Recorded packages with something changed.

use crate::case::{folder, plan};
use flowgate_core::{Plan, yaml};
use std::io::{Cursor, Read as _, Write as _};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A copy of a recorded package that may be changed.
pub(crate) struct Changed {
    folder: TempDir,
    manifest: String,
    file: String,
}

impl Changed {
    /// The package of the case `name`.
    pub(crate) fn case(name: &str) -> Self {
        let manifest = folder(name).join("MLmodel");
        let manifest = fs_err::read_to_string(manifest).expect("a manifest");
        let data = manifest
            .lines()
            .find_map(|line| line.trim().strip_prefix("data: "));
        let file = data.expect("a model file").to_owned();
        let changed = Self {
            folder: tempfile::tempdir().expect("a folder"),
            manifest,
            file,
        };
        let original = folder(name).join(&changed.file);
        if original.is_file() {
            fs_err::copy(original, changed.path()).expect("copied");
        }
        changed
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join(&self.file)
    }

    /// With another text in its manifest.
    pub(crate) fn manifest(mut self, from: &str, to: &str) -> Self {
        assert!(self.manifest.contains(from), "the manifest has no `{from}`");
        self.manifest = self.manifest.replace(from, to);
        self
    }

    /// With these inputs in its signature, as JSON; none where it is empty.
    pub(crate) fn inputs(mut self, inputs: &str) -> Self {
        let yaml::Value::Map(mut manifest) = yaml::parse(&self.manifest).expect("a manifest")
        else {
            panic!("a manifest is a map")
        };
        manifest.insert("signature", yaml::Value::Null);
        if !inputs.is_empty() {
            let mut signature = yaml::Mapping::new();
            signature.insert("inputs", inputs);
            manifest.insert("signature", signature);
        }
        self.manifest = yaml::emit(&manifest.into());
        self
    }

    /// With another model file.
    pub(crate) fn octets(self, octets: &[u8]) -> Self {
        fs_err::write(self.path(), octets).expect("written");
        self
    }

    /// With another text in its model file.
    pub(crate) fn text(self, from: &str, to: &str) -> Self {
        let text = fs_err::read_to_string(self.path()).expect("a text");
        assert!(text.contains(from), "the model has no `{from}`");
        let text = text.replacen(from, to, 1);
        self.octets(text.as_bytes())
    }

    /// With another text in the `schema.json` of its file of skops.
    pub(crate) fn schema(self, from: &str, to: &str) -> Self {
        let octets = fs_err::read(self.path()).expect("a file");
        let octets = with_entry(&octets, "schema.json", |schema| {
            let schema = String::from_utf8(schema).expect("text");
            assert!(schema.contains(from), "the schema has no `{from}`");
            schema.replacen(from, to, 1).into_bytes()
        });
        self.octets(&octets)
    }

    /// Its plan, or what is wrong with it.
    pub(crate) fn plan(&self) -> Result<Plan, String> {
        fs_err::write(self.folder.path().join("MLmodel"), &self.manifest).expect("written");
        plan(self.folder.path()).map_err(|error| error.to_string())
    }

    /// What is wrong with it.
    pub(crate) fn refusal(&self) -> String {
        self.plan().expect_err("it is refused")
    }
}

/// A zip with the entry `name` changed, all of it stored.
pub(crate) fn with_entry(
    octets: &[u8],
    name: &str,
    change: impl Fn(Vec<u8>) -> Vec<u8>,
) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(octets)).expect("a zip");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("read");
        let entry_name = entry.name().expect("a name").into_owned();
        let content = if entry_name == name {
            change(content)
        } else {
            content
        };
        writer.start_file(entry_name, options).expect("started");
        writer.write_all(&content).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}
