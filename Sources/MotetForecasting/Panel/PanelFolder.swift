import Foundation
import MotetCore
import MotetData
import MotetFeatures

/// The folder of a panel: its history, which servers read, and the rows that models learn from.
public struct PanelFolder: Sendable {
    /// What the folder is of.
    public struct Manifest: Codable, Hashable, Sendable {
        /// The form of the files.
        public var form = 1
        /// How long a period is.
        public var period: SalesPeriod
        /// The number of the first period.
        public var first: Int
        /// The number of the last period.
        public var last: Int
        /// How many periods ahead models learned to forecast.
        public var horizon: Int
        /// Hours that the shop's clock is ahead of UTC.
        public var offsetHours: Double
    }

    /// The parts of the rows.
    public static let parts = ["training", "validation", "test"]
    /// The names of files.
    public static let manifestName = "panel.json"
    /// The sales of items, period by period.
    public static let historyName = "history.parquet"

    /// Reads the panel of a folder.
    ///
    /// - Parameter path: the folder that `motet data panel` wrote.
    /// - Returns: the panel, and what it is of.
    /// - Throws: ``ForecastError`` for a folder that is none, `TableError` where the history cannot be read.
    public static func read(_ path: String) throws -> (panel: SalesPanel, manifest: Manifest) {
        let file = path + "/" + manifestName
        guard let data = FileManager.default.contents(atPath: file),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: data), manifest.form == 1,
            manifest.first <= manifest.last, abs(manifest.last) < 100_000_000,
            abs(manifest.first) < 100_000_000,
            (1...PanelSettings.mostHorizon).contains(manifest.horizon),
            abs(manifest.offsetHours) <= 14
        else {
            throw ForecastError(
                .panelFile,
                "\(file): it cannot be read; expected the folder of a panel as `motet data panel` writes it."
            )
        }
        let source = TableSource(path + "/" + historyName)
        let reader = try source.reader(of: ["item", "category", "period", "thousandths", "price"])
        let names = NameReader()
        var lines: [SalesLine] = []
        while let batch = try reader.next() {
            let items = try names.names(batch.column("item"))
            let categories = try names.names(batch.column("category"))
            let numbers = try ["period", "thousandths", "price"].map {
                try MotetFeatures.numbers(batch.column($0))
            }
            for row in 0..<batch.rowCount {
                guard let item = items[row], let period = Int(exactly: numbers[0][row]),
                    let thousandths = Int64(exactly: numbers[1][row])
                else {
                    throw ForecastError(
                        .panelFile,
                        "\(path)/\(historyName), row \(row + 1): it cannot be read; expected an item, a period and its "
                            + "units."
                    )
                }
                lines.append(
                    SalesLine(
                        item: item,
                        category: categories[row] ?? "",
                        period: period,
                        units: UnitCount(thousandths: thousandths),
                        price: numbers[2][row].isNaN ? nil : numbers[2][row]
                    )
                )
            }
        }
        let panel = try SalesPanel(
            lines,
            period: manifest.period,
            first: manifest.first,
            last: manifest.last
        )
        return (panel, manifest)
    }

    /// Writes a panel: all of it, or nothing.
    ///
    /// - Parameters:
    ///   - path: the folder; a panel that is there is replaced.
    ///   - lines: what was sold.
    ///   - panel: the panel of the lines.
    ///   - settings: which rows are written.
    ///   - plans: prices that were planned.
    ///   - progress: is told how many rows are written.
    /// - Returns: the rows of each of ``parts``.
    /// - Throws: ``ForecastError`` where the folder is something else or cannot be written, `TableError` where a file cannot.
    @discardableResult
    public static func write(
        _ path: String,
        _ lines: [SalesLine],
        _ panel: SalesPanel,
        _ settings: PanelSettings,
        plans: PlannedPrices = PlannedPrices(),
        progress: (Int) -> Void = { _ in }
    ) throws -> [Int] {
        let manager = FileManager.default
        try check(path)
        let fresh = "\(path).partial-\(getpid())"
        try? manager.removeItem(atPath: fresh)
        do {
            try manager.createDirectory(atPath: fresh, withIntermediateDirectories: true)
            try write(history: lines, to: fresh + "/" + historyName)
            let counts = try PanelTables(panel, settings, plans).write(
                to: fresh,
                progress: progress
            )
            let manifest = Manifest(
                period: panel.period,
                first: panel.first,
                last: panel.first + panel.count - 1,
                horizon: settings.horizon,
                offsetHours: settings.offsetHours
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(manifest)
                .write(to: URL(fileURLWithPath: fresh + "/" + manifestName))
            try replace(path, by: fresh)
            return counts
        } catch {
            try? manager.removeItem(atPath: fresh)
            throw described(error, path)
        }
    }

    /// Checks that nothing but a panel would be replaced.
    private static func check(_ path: String) throws(ForecastError) {
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else { return }
        let there = try? manager.contentsOfDirectory(atPath: path)
        guard let there, there.isEmpty || there.contains(manifestName) else {
            throw ForecastError(
                .panelFile,
                "\(path): something else is there; expected no folder, an empty one, or a panel to replace."
            )
        }
    }

    private static func replace(_ path: String, by fresh: String) throws {
        let old = "\(path).old-\(getpid())"
        let isThere = FileManager.default.fileExists(atPath: path)
        if isThere, rename(path, old) != 0 { throw CocoaError(.fileWriteUnknown) }
        guard rename(fresh, path) == 0 else {
            if isThere { rename(old, path) }
            throw CocoaError(.fileWriteUnknown)
        }
        if isThere { try FileManager.default.removeItem(atPath: old) }
    }

    private static func described(_ error: any Error, _ path: String) -> any Error {
        guard !(error is any ReportableError) else { return error }
        return ForecastError(
            .panelFile,
            "\(path): it cannot be written; expected a place with room that may be written to. Choose another folder."
        )
    }

    private static func write(history lines: [SalesLine], to file: String) throws {
        let writer = try TableWriter(
            path: file,
            columns: [
                ColumnDescription(name: "item", type: .string),
                ColumnDescription(name: "category", type: .string),
                ColumnDescription(name: "period", type: .int32),
                ColumnDescription(name: "thousandths", type: .int64),
                ColumnDescription(name: "price", type: .float64),
            ]
        )
        for start in stride(from: 0, to: lines.count, by: 65_536) {
            let part = lines[start..<min(start + 65_536, lines.count)]
            try writer.append([
                .string(part.map(\.item)), .string(part.map(\.category)),
                .int32(part.map { Int32($0.period) }), .int64(part.map(\.units.thousandths)),
                .float64(part.map { $0.price ?? .nan }),
            ])
        }
        try writer.finish()
    }
}
