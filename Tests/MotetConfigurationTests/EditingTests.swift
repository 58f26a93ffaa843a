import MotetConfiguration
import Testing

@Suite("Editing trees") struct EditingTests {
    private let tree: ConfigurationNode = [
        "seed": 1,
        "tasks": [["name": "click", "weight": 1], ["name": "buy", "weight": 2]],
        "training": ["epochs": 3, "optimizer": ["name": "adam"]],
    ]

    @Test func aKeyIsReplacedAddedAndRemoved() throws {
        let replaced = try tree.setting(["training", "epochs"], to: 5)
        #expect(replaced["training"] == ["epochs": 5, "optimizer": ["name": "adam"]])
        let added = try tree.setting(["model", "units", "first"], to: 8)
        #expect(added["model"] == ["units": ["first": 8]])
        let removed = try tree.setting(["training", "optimizer"], to: ConfigurationNode(.null))
        #expect(removed["training"] == ["epochs": 3])
        #expect(try tree.setting(["nothing", "here"], to: ConfigurationNode(.null)) == tree)
    }

    @Test func anElementOfAListIsFoundByItsName() throws {
        let changed = try tree.setting(["tasks", "buy", "weight"], to: 7)
        #expect(
            changed["tasks"] == [["name": "click", "weight": 1], ["name": "buy", "weight": 7]]
        )
        let error = #expect(throws: ConfigurationEditError.self) {
            try tree.setting(["tasks", "bye", "weight"], to: 7)
        }
        #expect(error?.path == "tasks.bye")
        #expect(error?.message.contains("expected one of [\"click\", \"buy\"]") == true)
    }

    @Test func aSingleValueLeadsNowhere() {
        let error = #expect(throws: ConfigurationEditError.self) {
            try tree.setting(["seed", "deeper"], to: 7)
        }
        #expect(error?.path == "seed.deeper")
    }

    @Test func problemsNameTheDocumentANodeComesFrom() throws {
        let base = try ConfigurationDocument(parsing: "a: 1\nb: { c: 2 }\n", name: "base.yaml")
        let other = try ConfigurationDocument(parsing: "\n\nx: many\n", name: "other.yaml")
        let value = try #require(other.root["x"]).located(in: "other.yaml")
        let root = try base.root.setting(["b", "c"], to: value, line: 3, file: "other.yaml")
        let merged = try ConfigurationDocument(root, name: "base.yaml").problems { reader in
            reader.section("b") { _ = $0.integer("c", in: .atLeast(1)) }
        }
        #expect(
            merged == [
                "base.yaml:1, a: unknown key. Did you mean `b`?",
                "other.yaml:3, b.c: expected a whole number; received \"many\".",
            ]
        )
        let unknown = try base.root.setting(["b", "d"], to: value, line: 7, file: "other.yaml")
        let found = try ConfigurationDocument(unknown, name: "base.yaml").problems { reader in
            _ = reader.integer("a")
            reader.section("b") { _ = $0.integer("c") }
        }
        #expect(found == ["other.yaml:7, b.d: unknown key. Did you mean `c`?"])
    }
}

extension ConfigurationDocument {
    fileprivate func problems(_ body: (ConfigurationReader) -> Void) throws -> [String] {
        do {
            try read(body)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.description)
        }
    }
}
