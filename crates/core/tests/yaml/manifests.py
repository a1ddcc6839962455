"""Writes manifests with what MLflow's own rarely have, as MLflow 3.17.2 writes them (PyYAML 6.0.4)."""
import json
import pathlib

import yaml

FOLDER = pathlib.Path(__file__).parent / "manifests"
COLUMNS = [{"type": "double", "name": name, "required": True} for name in ("l'âge", "it's \"quoted\"", "größe", "価格 😀")]
MANIFESTS = {
    "quotes": {"flavors": {"python_function": {"loader_module": "mlflow.onnx", "env": "conda.yaml"}}, "signature": {"inputs": json.dumps([{"type": "string", "name": f"owner's name {i}"} for i in range(8)]), "outputs": None, "params": json.dumps([{"name": "stops", "type": "string", "default": "it's", "shape": None}])}},
    "not_ascii": {"flavors": {"python_function": {"loader_module": "mlflow.onnx"}}, "metadata": {"Größe": "Übergröße", "note": "日本語のモデル " * 8, "emoji": "😀"}, "signature": {"inputs": json.dumps(COLUMNS, ensure_ascii=False), "outputs": json.dumps(COLUMNS)}},
    "metadata": {"flavors": {"onnx": {"providers": ["CPUExecutionProvider", ["CUDAExecutionProvider", {"device_id": 0}]], "onnx_session_options": {"extra_session_config": {"session.x": "1"}}, "extra_files": [{"path": "extra_files/x"}], "code": None}}, "model_uuid": "12345678901234567890e12345678901", "model_size_bytes": 2**40, "metadata": {"version": "1e3", "flag": "yes", "rate": 1e-05, "limits": [0.1, float("inf"), -1, []], "text": "first line\n\nthird  line\n", "x" * 130: {"nested": [[1, [2]], {}]}, "empty": ""}, "resources": {"api_version": "1", "databricks": {"serving_endpoint": [{"name": "e"}]}}},
}

for name, manifest in MANIFESTS.items():
    with open(FOLDER / f"{name}.yaml", "w") as out:
        yaml.safe_dump(manifest, stream=out, default_flow_style=False)
