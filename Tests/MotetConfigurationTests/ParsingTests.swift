import Foundation
import MotetConfiguration
import Testing

@Suite("Parsing YAML") struct ParsingTests {
    private func root(_ text: String) throws -> ConfigurationNode {
        try ConfigurationDocument(parsing: text, name: "ple.yaml").root
    }

    private static let values: [(String, ConfigurationNode)] = [
        ("a: 1.0e-3", ConfigurationNode.number(0.001)), ("a: 1e6", .number(1e6)),
        ("a: -.5", .number(-0.5)), ("a: 3.", .number(3)), ("a: .inf", .number(Double.infinity)),
        ("a: 42", .integer(42)), ("a: -7", .integer(-7)), ("a: 200_000", .integer(200_000)),
        ("a: 99999999999999999999", .number(1e20)),
        ("a: true", true), ("a: FALSE", false),
        ("a: no", "no"), ("a: on", "on"), ("a: '1'", "1"), ("a: \"true\"", "true"),
        ("a: !!str 12", "12"), ("a: 0x1F", "0x1F"), ("a: 1_", "1_"), ("a: 1.2.3", "1.2.3"),
        ("a: e5", "e5"), ("a: +", "+"),
        ("a: inf", "inf"), ("a: 2024-01-05", "2024-01-05"), ("a: s2", "s2"), ("a: 'é'", "é"),
        ("a: ~", ConfigurationNode(.null)), ("a:", ConfigurationNode(.null)),
        ("a: []", []), ("a: {}", [:]),
        ("a: [1, s2, [true]]", [1, "s2", [true]]),
        ("a: { joint: { epochs: 3 } }", ["joint": ["epochs": 3]]),
        ("a: |\n  two\n  lines\n", "two\nlines\n"),
    ]

    @Test(arguments: values)
    func valuesMeanWhatTheCoreSchemaSays(text: String, expected: ConfigurationNode) throws {
        #expect(try root(text)["a"] == expected)
    }

    @Test func everyNodeKnowsItsLineAndColumn() throws {
        let node = try root("name: ple\nmodel:\n  levels: 2\n  units:\n    - 64\n    - [1, 32]\n")
        let model = try #require(node["model"])
        #expect(model.line == 3 && model.column == 3)
        #expect(model["levels"]?.line == 3 && model["levels"]?.column == 11)
        guard case .list(let units) = model["units"]?.content else {
            Issue.record("units is no list")
            return
        }
        #expect(units[0].line == 5 && units[0].column == 7)
        guard case .list(let inner) = units[1].content else {
            Issue.record("units[1] is no list")
            return
        }
        #expect(inner[1].line == 6 && inner[1].column == 11)
    }

    @Test func anchorsAreExpandedAndAByteOrderMarkIsSkipped() throws {
        let node = try root("\u{FEFF}a: &x { units: [1] }\nb: *x\n")
        #expect(node["b"] == ["units": [1]])
    }

    @Test(arguments: [
        (
            "a: 1\nb: [1, 2\nc: 3\n",
            "ple.yaml:3:2: not valid YAML: did not find expected ',' or ']' "
                + "while parsing a flow sequence that begins on line 2."
        ),
        (
            "a: b: c\n",
            "ple.yaml:1:5: not valid YAML: mapping values are not allowed in this context."
        ),
        (
            "a:\n\tb: 1\n",
            "ple.yaml:2:1: not valid YAML: found character that cannot start any token while "
                + "scanning for the next token. Indent with spaces: YAML does not allow tabs."
        ),
        ("a: *x\n", "ple.yaml:1:4: not valid YAML: found undefined alias."),
        (
            "a: 1\n---\nb: 2\n",
            "ple.yaml:2:1: a second document begins; expected one document in a file."
        ),
        ("a: \u{1}\n", "ple.yaml:1:4: not valid YAML: control characters are not allowed."),
        (
            "a: !!int 5\n",
            "ple.yaml:1:4, a: tags are not supported; received tag:yaml.org,2002:int. Write the value alone."
        ),
        ("[1]: 2\n", "ple.yaml:1:1: a key is a list or a map; expected text."),
        ("", "ple.yaml: the file is empty; expected keys with values."),
        ("# only a comment\n\n", "ple.yaml: the file is empty; expected keys with values."),
        ("- 1\n- 2\n", "ple.yaml:1: expected a map of keys and values; received a list."),
        ("text\n", "ple.yaml:1: expected a map of keys and values; received \"text\"."),
    ])
    func brokenTextIsOneSentenceWithItsPlace(text: String, expected: String) {
        #expect(problems(in: text) == [expected])
    }

    @Test(arguments: [
        (
            "name: a\nseed: 1\nmodel:\n  seed: 2\n\n# note\nseed: 3\n",
            "ple.yaml:7: key `seed` is given twice; expected each key once. The first stands on line 2."
        ),
        (
            "tasks:\n  - name: a\n    loss: b\n    \"name\": c\n",
            "ple.yaml:4: key `name` is given twice; expected each key once. The first stands on line 2."
        ),
        (
            "x:\n  k: 1\n  m: { k: 2, z: 1, z: 2 }\ny:\n  z: 2\n",
            "ple.yaml:3: key `z` is given twice in one map; expected each key once."
        ),
    ])
    func aKeyGivenTwiceIsFound(text: String, expected: String) {
        #expect(problems(in: text) == [expected])
    }

    @Test func aliasesCannotBlowUp() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(problems(in: text).first?.contains("too large") == true)
    }

    @Test func unreadableFilesAreSentences() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "motet-\(UUID())",
            directoryHint: .isDirectory
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func sentence(_ name: String) -> String {
            do {
                let url = URL(filePath: name, relativeTo: folder)
                return "\(try ConfigurationDocument(contentsOf: url).root)"
            } catch {
                return "\(error)"
            }
        }
        #expect(
            sentence("none.yaml")
                == "none.yaml: no such file; expected a YAML file. Check the path."
        )
        #expect(sentence(".").contains("this is a folder; expected a YAML file."))
        try Data([0x61, 0x3A, 0xFF]).write(to: folder.appending(path: "latin.yaml"))
        #expect(
            sentence("latin.yaml")
                == "latin.yaml: not UTF-8 text; expected a YAML file. Save it in UTF-8."
        )
        try Data("a: 1\n".utf8).write(to: folder.appending(path: "good.yaml"))
        let good = URL(filePath: "good.yaml", relativeTo: folder)
        #expect(try ConfigurationDocument(contentsOf: good).root == ["a": 1])
    }
}
