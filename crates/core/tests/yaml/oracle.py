"""Records what PyYAML reads and writes.

Run with PyYAML 6.0.4 (pure Python dumper, as `yaml.safe_dump` uses): python oracle.py > oracle.json
"""
import datetime, json, math, random, sys
import yaml

def tagged(v):
    """Typed JSON, since JSON alone cannot tell 1 from 1.0 or hold nan."""
    if v is None: return {"null": None}
    if isinstance(v, bool): return {"bool": v}
    if isinstance(v, int): return {"int": str(v)}
    if isinstance(v, float): return {"float": repr(v)}
    if isinstance(v, str):
        lone = any("\ud800" <= c <= "\udfff" for c in v)
        return {"surrogate": ascii(v)} if lone else {"str": v}
    if isinstance(v, (datetime.date, datetime.datetime)): return {"timestamp": v.isoformat()}
    if isinstance(v, list): return {"seq": [tagged(x) for x in v]}
    if isinstance(v, dict): return {"map": [[tagged(k), tagged(x)] for k, x in v.items()]}
    raise TypeError(type(v))

SCALARS = """yes Yes YES yEs no No NO on On ON off Off OFF y Y n N true True TRUE tRue false False FALSE null Null NULL nULL ~ ~~
0 00 007 010 -010 +010 0o10 08 089 0_7 0_ 0b11 -0b11 +0b1_0 0b12 0b 0b_ 0B1 0x1F -0x1f 0X1F 0x 0x_ 0xg 1 +1 -1 - + -- +- 1_000 1__0 _1 1_ -0 +0
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 123456789012345678901234567890
0xFFFFFFFFFFFFFFFFFFFF 0b1111111111111111111111111111111111111111111111111111111111111111111111 07777777777777777777777777777 -0x8000000000000000
1e3 1E3 1.5e30 .5e30 1.e30 1.5e-30 1.e3 1.5e3 12e05 1e400 1.5e+3 1.5E+3 1.5e-3 1.0e+400 -1.0e+400 1e+3 1.e+3 .5 .5e+3 -.5 +.5 0.5 5. 5._ . .. ... .e+3 1.2.3 1_0.5_0 _1.5 1.5_ 00.5 -1.5 +1.5 1.5e+ 1.5e+3_0 .5_ ._5 1.0e-400 0.1e-5 123456.789
.inf .Inf .INF .iNF -.inf +.inf -.Inf .nan .NaN .NAN .Nan -.nan +.nan inf nan NaN -inf Infinity
12:30:45 12:30 1:60 1:59 1:5 01:30 0:30 -1:30 +1:30 1:2:3:4:5:6 190:20:30 1_0:30 1:30. 1:30.5 -1:30.5 0:30.5 12:30:45.123 1:2:60.5 190:20:30.15 1:2:3. 99999999999999999999:59
2024-01-01 2024-1-1 2024-02-29 2023-02-29 2024-13-01 0000-01-01 2024-01-01T12:30:45 2024-01-01t12:30:45Z 2024-01-01T1:02:03.5 2001-12-14t21:59:43.10-05:00 2024-1-2T03:04:05 2024-01-01T12:30 2024-01-01T24:00:00 2024-01-01T12:30:45+01 2024-01-01T12:30:45+25:00 24-01-01 2024-01-011 2024_01_01
= == << <<< < > | @a `a %a !a &a *a ? ?a : :a a: a:b a:b:c a::b -a - --- --a -1- --- ---a ...a .... #a a#b a# {a [a ]a }a ,a a,b a{b} 'a "a a'b a"b \\a a\\b it's
12345678901234567890e12345678901 00000000000000000000000000000000 123e4567 1234567890abcdef1234567890abcdef 0123456701234567 6e5 0e0 12345678e12
1.26.4 3.11.7 3.10 1.0 2.17 m-0123456789abcdef mlflow==3.17.2 pip<=26.3 https://a.b/c?d=e#f s3://bucket/key C:\\x /a/b/c ~/x $HOME ${X} 100% a@b.c 50% !!str !str ünï Ünïcödé 日本語 emoji😀 😀 é 1é é1 ١٢ 𝔸
""".split()
PHRASES = ["", " ", "  ", " a", "a ", " a ", "a b", "a  b", "a: b", "a :b", "a #b", "a# b", "a:", ": a", "- a", "-", "? a", "# a", "a -", "a - b", "{a: b}", "[a, b]", "a, b", "'a'", '"a"', "''", '""', "it's a 'q'", 'say "hi"', "null ", " null", "true false",
 "2024-01-01 12:30:45", "2024-01-01 12:30:45.894431", "2024-01-01  1:30:45", "2024-01-01 12:30:45 Z", "2024-01-01 12:30:45 +01:00", "2026-11-23 15:58:10.894431", "2024-01-01 12:30",
 "\n", "\n\n", "a\n", "a\n\n", "\na", "\n\na", "a\nb", "a\n\nb", "a\n\n\nb\n", "a\n b", "a \nb", " \n", "\n ", "a\n\tb", "1\n", "a: b\nc: d\n", "# a\nb", "---\na", "a\n---\nb", "a\n...\n", "'a'\n'b'", "\r", "a\rb", "a\r\nb", "a\tb", "\ta", "a\t", "\t",
 "\x00", "a\x00b", "\x07\x08\x0b\x0c\x1b", "\x01\x1f\x7f", "\x80\x9f", "\x85", "a\x85b", "\x85a", "a\x85", "a\x85\nb", "\xa0", "a\xa0b", "\xad", "\u2028", "a\u2028b", "a\u2029b", "\ufeff", "a\ufeffb", "\ufeffa", "\ufffd", "\ufffe", "\uffff", "\ud7ff", "\ue000", "😀 a", "a 😀", "é\nü", "é \n", "\U0010ffff", "\U0010fffe", "日本語 テキスト", "'日本'", "é: ü", "é #", "a\\nb\n\x01", "\\", '\\"', "\"\x01\"", "\x01 a", "a \x01 b", "!", "! a", "&", "*", "%", "@", "`", ">", "|", "> a", "=", "<<", "= a", "<< a", "~ a", "0 a", "-1 a", "a:\tb", "a\t#b"]
rnd = random.Random(20261126)
def text(words, alphabet, gap=lambda: " "):
    out = []
    for _ in range(words):
        out.append("".join(rnd.choice(alphabet) for _ in range(rnd.randint(1, 12))))
    return "".join(w + gap() for w in out).rstrip(" ") if out else ""
ascii_ = "abcdefghij"
LONG = ["x" * 60, "x" * 79, "x" * 80, "x" * 81, "x" * 200, "x" * 85 + " y", "x" * 85 + "  y", "x" * 85 + " " + "y" * 90 + " z", "'" * 100 + " a", ("a" * 9 + " ") * 30 + "end", ("a" * 9 + "  ") * 20 + "end", ("it's " * 40).strip(), "é" * 90, "é " * 60 + "x", ("日本 " * 60).strip(), ("\n".join(["line of text"] * 5)), ("a b " * 30) + "\n" + ("c d " * 30).strip(), "\x01" * 60, "\x01 " * 40 + "x", "a" * 78 + " \x01", "a" * 79 + "\x01" + "b" * 20, "a" * 80 + "\x01" + "b" * 20, "a" * 76 + "\x01\x02 \x03 b c d" * 4, ("é" * 12 + "a ") * 12 + "x", ("w" * 7 + "\n") * 20, json.dumps([{"type": "double", "name": f"feature {i}", "required": True} for i in range(12)]), json.dumps([{"type": "string", "name": "l'été 日本", "required": False}] * 6), json.dumps([{"name": "é'"}] * 6, ensure_ascii=False), " " + "a " * 60 + "b", "- " + "a " * 60 + "b", "a" * 81 + "\n" + "b " * 60 + "c", ": " * 50, "\t" + "a " * 60 + "b", "\t" + "a  " * 60 + "b", "\"" + "a\\ " * 60 + "b", "\\ " * 60, "\t \t " * 40]
for i in range(30):
    LONG.append(text(rnd.randint(8, 40), ascii_ + rnd.choice(["", "'", "'\"", ":", "#", "é", "\x01", "\t", "😀", "\\", ",[]"]), rnd.choice([lambda: " ", lambda: rnd.choice([" ", "  "]), lambda: rnd.choice([" ", " ", "\n"]), lambda: rnd.choice([" ", "\n\n", "   "])])))
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-5, 1e-4, 1.5e-5, 1e15, 1e16, 1.5e16, 123456789012345680.0, 9007199254740993.0, 1e22, 1e100, 1e300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.30000000000000004, 1/3, 1e-7, 100.0, 12345.678, float("inf"), float("-inf"), float("nan")]
INTS = [0, 1, -1, 10**18, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, 10**40, -10**40]
DOCS = [None, True, False, {}, [], {"a": {}}, {"a": []}, [[]], [{}], [[], {}], {"a": None}, {"a": [1, 2]}, {"a": {"b": [1, {"c": 2, "d": [3]}]}}, [[1, 2], [3]], [[[1]]], [[[1], [2, [3]]]], [{"a": 1, "b": 2}, {"c": [1]}], [{"a": [1, 2], "b": {"c": 1}}], {"": 1}, {"a": {"": [1]}}, {"x" * 122: 1}, {"x" * 123: 1}, {"x" * 123: [1, [2]]}, {"x" * 123: {"a": 1, "b": 2}}, {"x" * 200: {}}, {"a b " * 40: 1}, {"a\nb": 1}, {"a\nb": {"c\nd": [1, {"e\nf": 2}]}}, [{"": 1, "b": [1]}], {"é": 1}, {"é" * 122: 1}, {"é" * 123: 2}, {"a b " * 25 + "x": "v"}, {"it's " * 22: "v"}, {"\x01 " * 50: "v"}, {"yes": "no", "1": "2", "null": "null", "~": "~", "=": "=", "<<": "<<", "1.5": "1.5", "2024-01-01": "2024-01-01"}, {1: 2, 3: 4}, {True: 1, False: 0}, {None: 1}, {1.5: "a"}, {datetime.date(2024, 1, 1): 1}, {"d": datetime.date(2024, 1, 1)}, {10**121: 1}, {10**122: 1}, {10**123: 1}, {"b": 1, "a": 2, "C": 3, "é": 4, "_": 5}, {"a": "text " * 30, "b": ["text " * 30 + "x", {"c": "word  word " * 20 + "x"}]}, {"a": {"b": {"c": {"d": {"e": "long words " * 20 + "end"}}}}}, {"k": ["multi\nline\n", "tab\there " * 12]}, {"flavors": {"python_function": {"env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}, "loader_module": "mlflow.onnx"}}}, {"name": "mlflow-env", "channels": ["conda-forge"], "dependencies": ["python=3.11.7", "pip<=26.3", {"pip": ["a==1", "b"]}]}]
# What only a reader meets.
READ = ["", "# c\n", "---\n", "--- a\n", "a\n...\n", "\ufeffa: 1", "! 12", "! yes", "!!str 12", "!!str", "!!str yes", "!!str 'a'", "!!int '12'", "!!int 0x1F", "!!int a", "!!int 089", "!!float 1", "!!float 1e3", "!!float '.inf'", "!!float a", "!!bool yes", "!!bool 'tRUE'", "!!bool y", "!!null abc", "!!null ''", "!!map {a: 1}", "!!seq [1]", "!!map [1]", "!!seq {a: 1}", "!!str [1]", "!!int {}", "!!timestamp 2024-01-01", "!!timestamp '2024-01-01 12:30:45'", "!!timestamp a", "!<tag:yaml.org,2002:str> 12", "!<tag:yaml.org,2002:int> '12'", "%TAG !y! tag:yaml.org,2002:\n---\n!y!int '12'", "!local a", "!!python/tuple [1]", "!!python/object/apply:os.system [x]", "!!python/name:a.b ''", "!!unknown a", "!!map a",
 "a: =", "=: 1", "a: <<", "'=': 1", "'<<': {a: 1}", "a: '<<'", "<<: {a: 1}", "{<<: {a: 1}, a: 2}", "a: 2\n<<: {a: 1, b: 3}\n", "x: &x {a: 1}\ny: {<<: *x, b: 2}", "x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n  c: 4", "<<: [{a: 1}, {b: 2}]", "<<: []", "<<: {}", "<<: 1", "<<: [1]", "<<: [[]]", "<<: null", "<<: {<<: {a: 1}, b: 2}", "!!str <<: {a: 1}", "a: &x 1\nb: *x", "&a a: 1\nb: *a", "a: &x [1, 2]\nb: [*x, *x]", "*x", "a: *x", "a: &x\nb: *x", "&x {a: 1}", "a: &x yes\nb: *x",
 "[a, b, 1, yes]", "{a: 1, b: [2, {c: 3}]}", "{a, b: 1}", "[a: 1, b]", "{a: , b: }", "[]", "{}", "[a, ]", "{a:1}", '{"a":1}', "[a:b]", "? a\n: b", "? a", "? [a]\n: 1", "? {a: 1}\n: 1", "- - a\n  - b\n- c", "-\n  a: 1", "- a\n- b", "a:\n- 1\n- 2", "a:\n  - 1\n  - 2", "a:\n  b\n  c\n\n  d", "a: b\n  c", "a: 'b\n  c\n\n  d'", 'a: "b\n  c\\\n  d\\n"', 'a: "\\x41\\u00e9\\U0001f600\\N\\_\\L\\P\\e\\0\\/\\ \\t"', 'a: "\\q"', 'a: "\\ud83d"', "a: |\n  b\n  c\n", "a: |-\n  b\n", "a: |+\n  b\n\n", "a: >\n  b\n  c\n\n  d\n", "a: >-\n  b\n   c\n  d\n", "a: |2\n   b\n", "a: |\n  yes", "a: b # c", "a: b#c", "a: 'b' # c", "a: \"b", "a: 'b", "a: [b", "a: {b", "a: b: c", "a\nb: c", "- a\nb", "a: 1\n  b: 2", "]", "}", "a: 1\n]", "a: @b", "a: `b", "a: %b", "a: 1\n---\nb: 2", "a\n---\n", "a: \x01", "a: \x7f", "'a\x00'", "a: \ufeffb", "!!int '0o17'", "a: |\n  yes\n  ", "a: |+\n  é\n ", "a: >\n  é\n  yes", "- |\n yes\n-", "a: b\r\nc: d\r\n", "a: b\rc: d", "yes: 1", "1: a", "~: a", "1.5: a", "null: a", ": a", "2024-01-01: a", "a: 1\na: 2", "1: a\n1.0: b", "1: a\ntrue: b", "{a: 1, 'a': 2}", "a: ''", 'a: ""', "a:", "a: ~", "- \n- a", "-", "a: -", "a: - b", "a: 'it''s'", "&a", "!!str &a b", "&a !!str 1", "a:   b   ", "  a: 1", "  a: 1\n  b: 2", "a: 0.1\n", "a: 1_000.5", "a: 1:30", "a: {b: 1:30}", "[1:30, 2:60]", "a: !!int\n", "--- !!str\n", "a: 0b_", "a: 2024-13-01", "a: 0x_", "a: 2024-01-01T24:00:00", "a: <<\n", "?", "? a\n? b", "a: ? b", "a: !", "!"]

def read(src):
    try:
        return {"yaml": src, "value": tagged(yaml.safe_load(src))}
    except Exception:
        return {"yaml": src, "error": True}

def write(v):
    case = {"value": tagged(v), "ascii": yaml.safe_dump(v, default_flow_style=False, sort_keys=False)}
    unicode = yaml.safe_dump(v, default_flow_style=False, sort_keys=False, allow_unicode=True)
    return case | ({"unicode": unicode} if unicode != case["ascii"] else {})

seen, reads = set(), []
for s in SCALARS + PHRASES:
    for src in ("a: " + s,) if s in (":", "?") or "\ufeff" in s else (s, "a: " + s):
        # Layout is another grammar's matter: only scalars that stay on their line.
        if "\ufeff" in s or any(c in s for c in "\n\r\t\x85\u2028\u2029") or src in seen: continue
        seen.add(src)
        reads.append(read(src))
reads += [read(s) for s in READ]
writes = []
for s in dict.fromkeys(SCALARS + PHRASES + LONG):
    writes.append(write(s))
    if len(s) > 20 or s in PHRASES: writes.append(write({"key": {"deeper": s}, "list": [s]}))
    if len(s) < 140 and s in PHRASES + LONG: writes.append(write({s: 1}))
for v in FLOATS + INTS + DOCS:
    writes.append(write(v)); writes.append(write({"k": [v]}))
sorted_ = []
for v in DOCS + [{3: 1, 1.5: 2, True: 3}, {"b": 1, 1: 2, "a": 3}, {"z": {"b": 1, "a": [{"d": 1, "c": 2}]}}, {10**20: 1, 10**20 + 1: 2, -10**20: 3, 5: 4, -10**20 - 1: 5}]:
    sorted_.append({"value": tagged(v), "sorted": yaml.safe_dump(v, default_flow_style=False)})
out = {"pyyaml": yaml.__version__, "read": reads, "write": writes, "sort": sorted_}
if __name__ == "__main__":
    def lines(name):
        return json.dumps(name) + ": [\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in out[name]) + "\n]"
    print('{"pyyaml": %s,\n%s\n}' % (json.dumps(out["pyyaml"]), ",\n".join(lines(n) for n in ("read", "write", "sort"))))
    print(len(reads), len(writes), len(sorted_), file=sys.stderr)
