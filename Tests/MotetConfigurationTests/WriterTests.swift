import MotetConfiguration
import MotetCore
import Testing

@Suite("Writing YAML") struct WriterTests {
    private func parsed(_ text: String) throws -> ConfigurationNode {
        try ConfigurationDocument(parsing: text, name: "written.yaml").root
    }

    private let experiment: ConfigurationNode = [
        "name": "ple_markets",
        "seed": 42,
        "data": [
            "train": ["data/train.parquet"],
            "scenario": ["column": "market", "values": ["s2", "no", "1"]],
        ],
        "features": [
            ["name": "price", "type": "numeric", "clip": [0.01, 0.99]],
            ["name": "history", "shares": "item_id", "units": [[1, 2], [3]]],
        ],
        "training": [
            "optimizer": ["name": "adam", "learning_rate": 1.0e-5, "amsgrad": false],
            "schedule": [["joint": ["epochs": 3]]],
            "callbacks": [],
            "notes": [:],
        ],
    ]

    @Test func aTreeIsWrittenInItsOrder() {
        let expected = """
            name: ple_markets
            seed: 42
            data:
              train: [data/train.parquet]
              scenario:
                column: market
                values: [s2, "no", "1"]
            features:
              - name: price
                type: numeric
                clip: [0.01, 0.99]
              - name: history
                shares: item_id
                units:
                  - [1, 2]
                  - [3]
            training:
              optimizer:
                name: adam
                learning_rate: 1.0e-05
                amsgrad: false
              schedule:
                - joint:
                    epochs: 3
              callbacks: []
              notes: {}

            """
        #expect(ConfigurationWriter.yaml(experiment) == expected)
    }

    @Test func writtenTextReadsBackEqual() throws {
        let text = ConfigurationWriter.yaml(experiment)
        #expect(try parsed(text) == experiment)
        #expect(ConfigurationWriter.yaml(try parsed(text)) == text)
    }

    @Test(arguments: [
        "", " ", "a b", " a", "a ", "-", "- a", "true", "No", "null", "~", "1", "1.5", "1e5", ".5",
        "2024-01-01", "a: b", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a`", "'a'", "\"a\"",
        "a\\b", "[a]", "{a}", "a,b", "a\nb", "a\n", "\ta", "\u{0}", "\u{7}\u{85}\u{2028}",
        "日本語", "Zoë", "👍🏽", "?", "? a", "a:", ":a", "|", ">", "<<", "=", ".inf", "0x1F", "200_000",
        "e\u{301}", "a\r\nb", "---", "...", "\u{E000}",
    ])
    func everyTextReadsBackAsKeyAndValue(text: String) throws {
        let node: ConfigurationNode = .map([
            (text, .string(text)), ("other", .list([.string(text), [text: "x"]])),
        ])
        let written = ConfigurationWriter.yaml(node)
        #expect(try parsed(written) == node, "\(written)")
    }

    @Test(arguments: [
        0.0, -0.0, 1, 0.1, 1e-3, 1e-5, 1e22, -1.5e300, .leastNonzeroMagnitude,
        .greatestFiniteMagnitude, .infinity,
        -.infinity,
    ])
    func everyNumberReadsBackToTheBit(number: Double) throws {
        let node: ConfigurationNode = ["v": .number(number)]
        guard case .number(let back) = try parsed(ConfigurationWriter.yaml(node))["v"]?.content
        else {
            Issue.record("\(ConfigurationWriter.yaml(node)) is no number")
            return
        }
        #expect(back.bitPattern == number.bitPattern)
    }

    @Test func singlePrecisionKeepsItsShortDigits() {
        #expect(ConfigurationWriter.yaml(["rate": .float(0.1)]) == "rate: 0.1\n")
    }

    @Test(arguments: RandomKey.seeds(40))
    func randomTreesReadBackEqual(key: RandomKey) throws {
        var generator = key.generator()
        let tree: ConfigurationNode = ["root": randomNode(depth: 4, &generator)]
        let text = ConfigurationWriter.yaml(tree)
        #expect(try parsed(text) == tree, "\(text)")
    }

    private func randomNode(
        depth: Int,
        _ generator: inout RandomKeyGenerator
    ) -> ConfigurationNode {
        let kind = Int(generator.nextUniform() * (depth == 0 ? 5 : 9))
        switch kind {
        case 0: return ConfigurationNode(.null)
        case 1: return .boolean(generator.nextUniform() < 0.5)
        case 2: return .integer(Int(truncatingIfNeeded: generator.next()))
        case 3: return .number(generator.nextNormal() * 1e-3)
        case 4: return .string(String(Int(generator.nextUniform() * 1e9), radix: 36))
        case 5, 6:
            let count = Int(generator.nextUniform() * 30)
            return .list((0..<count).map { _ in randomNode(depth: depth - 1, &generator) })
        default:
            let count = Int(generator.nextUniform() * 5)
            return .map((0..<count).map { ("k\($0)", randomNode(depth: depth - 1, &generator)) })
        }
    }
}
