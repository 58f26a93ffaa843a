public import Foundation
package import MotetConfiguration

extension FeatureExtraction {
    /// Reads an extraction from a YAML file with the sections `online_features`, `log`, `rows` and `items`.
    ///
    /// - Parameter url: the file; the paths in it are relative to its folder.
    /// - Throws: `ConfigurationError` with every mistake of the file.
    public init(contentsOf url: URL) throws {
        let document = try ConfigurationDocument(contentsOf: url)
        self = try document.read { FeatureExtraction($0) }
        let folder = url.deletingLastPathComponent().path
        for index in logs.indices { logs[index].files = Self.paths(logs[index].files, folder) }
        if let files = itemFile?.files { itemFile?.files = Self.paths(files, folder) }
    }

    private static func paths(_ files: [String], _ folder: String) -> [String] {
        files.map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
    }

    /// Reads the keys of the file.
    init(_ reader: ConfigurationReader) {
        self.init(
            reader.section("online_features") { FeatureDefinitions($0) },
            logs: reader.list("log", count: .between(1, 1_000)) { $0.section { EventLog($0) } },
            rows: reader.section(orEmpty: "rows") { FeatureRows($0) },
            itemFile: reader.section(ifPresent: "items") { reader in
                ItemFile(
                    files: reader.strings("files", count: .atLeast(1), allowsOne: true),
                    item: reader.string("item"),
                    category: reader.string("category")
                )
            }
        )
    }
}

extension EventLog {
    /// Reads the keys of a log.
    package init(_ reader: ConfigurationReader) {
        self.init(
            files: reader.strings("files", count: .atLeast(1), allowsOne: true),
            kind: Self.kind(reader)
        )
        condition = reader.section(ifPresent: "where") { reader in
            Condition(column: reader.string("column"), equals: reader.string("equals"))
        }
        time = reader.string("time", default: time)
        unit = reader.choice("unit", default: unit)
        delayHours = reader.string(ifPresent: "delay_hours")
        user = reader.string("user", default: user)
        item = reader.string(ifPresent: "item")
        category = reader.string(ifPresent: "category")
        scenario = reader.string(ifPresent: "scenario")
        quantity = reader.string(ifPresent: "quantity")
        price = reader.string(ifPresent: "price")
        amount = reader.string(ifPresent: "amount")
        if price != nil, amount != nil {
            reader.fail("amount", "stands beside `price`; expected one of them.")
        }
        id = reader.string(ifPresent: "id")
        negativeQuantity = reader.choice("negative_quantity", default: negativeQuantity)
        invalid = reader.choice("invalid", default: invalid)
    }

    /// `kind: click`, or `kind: { column: name }`.
    private static func kind(_ reader: ConfigurationReader) -> Kind {
        guard let value = reader.value("kind"), case .map = value.node.content else {
            return .constant(reader.choice("kind", as: EventKind.self))
        }
        return value.section { .column($0.string("column")) }
    }
}

extension FeatureRows {
    /// Reads the keys of the rows.
    init(_ reader: ConfigurationReader) {
        self.init(
            time: reader.string("time", default: "time"),
            unit: reader.choice("unit", default: TimeUnit.milliseconds)
        )
        user = reader.string(ifPresent: "user")
        item = reader.string(ifPresent: "item")
        category = reader.string(ifPresent: "category")
        scenario = reader.string(ifPresent: "scenario")
        keep = reader.has("keep") ? reader.strings("keep", default: [], allowsOne: true) : nil
    }
}
