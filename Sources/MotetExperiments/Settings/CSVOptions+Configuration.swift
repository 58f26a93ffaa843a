import MotetConfiguration
import MotetData

extension CSVOptions {
    private static let decimals: KeyValuePairs<String, Character> = ["point": ".", "comma": ","]

    init(reading reader: ConfigurationReader) {
        func character(_ key: String) -> Character? {
            guard let text = reader.string(ifPresent: key) else { return nil }
            if text == "\\t" || text == "tab" { return "\t" }
            guard text.utf8.count == 1, let character = text.first else {
                reader.fail(key, "expected one ASCII character; received \"\(text)\".")
                return nil
            }
            return character
        }
        let quote: Character? =
            reader.string(ifPresent: "quote") == "none" ? nil : character("quote") ?? "\""
        let names = reader.strings("columns", default: [])
        self.init(
            delimiter: character("delimiter"),
            quote: quote,
            decimalPoint: reader.choice("decimal", of: Self.decimals, default: "."),
            hasHeader: reader.boolean("header", default: true),
            columnNames: names.isEmpty ? nil : names,
            nullSpellings: reader.strings("missing", default: [], allowsOne: true),
            trimsSpaces: reader.boolean("trim_spaces", default: false),
            skippedLines: reader.integer("skipped_lines", default: 0, in: .atLeast(0)),
            timestampFormats: reader.strings("timestamp_formats", default: [], allowsOne: true)
        )
    }

    /// The options as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("delimiter", delimiter.map { .string($0 == "\t" ? "tab" : String($0)) }),
            ("quote", .string(quote.map { String($0) } ?? "none")),
            ("decimal", .string(decimalPoint == "," ? "comma" : "point")),
            ("header", .boolean(hasHeader)),
            ("columns", columnNames.map(ConfigurationNode.strings)),
            ("missing", .strings(nullSpellings)),
            ("trim_spaces", .boolean(trimsSpaces)),
            ("skipped_lines", .integer(skippedLines)),
            ("timestamp_formats", .strings(timestampFormats)),
        ])
    }
}

extension ScenarioSpecification {
    init(reading reader: ConfigurationReader) {
        let values = reader.strings("values", default: [], count: .atLeast(1))
        self.init(
            column: reader.string("column"),
            values: values.isEmpty ? nil : values,
            unknown: reader.choice("unknown", default: .error),
            nearest: reader.string(ifPresent: "nearest")
        )
    }

    /// The scenarios as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("column", .string(column)),
            ("values", values.map(ConfigurationNode.strings)),
            ("unknown", .string(unknown.rawValue)),
            ("nearest", nearest.map(ConfigurationNode.string)),
        ])
    }
}
