import Foundation

/// A folder with a small experiment and its data, removed when it goes away.
final class Shop {
    let path: String

    init() throws {
        path =
            URL(fileURLWithPath: NSTemporaryDirectory())
            .appendingPathComponent("motet-cli-" + UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: path + "/tmp",
            withIntermediateDirectories: true
        )
        try write("train.csv", Self.table(rows: 120, shift: 0))
        try write("valid.csv", Self.table(rows: 60, shift: 3))
        try write("shop.yaml", Self.experiment)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    /// Rewrites a file with a text replaced, which must be there.
    func replace(_ old: String, _ new: String, in name: String = "shop.yaml") throws {
        let text = try text(name)
        precondition(text.contains(old), "\(name) does not hold \(old)")
        try write(name, text.replacing(old, with: new))
    }

    /// Rewrites a line of a file, counted from 1.
    func line(_ number: Int, _ text: String, in name: String = "train.csv") throws {
        var lines = try self.text(name).components(separatedBy: "\n")
        lines[number - 1] = text
        try write(name, lines.joined(separator: "\n"))
    }

    /// Changes the bytes of a file.
    func edit(_ name: String, _ change: (inout Data) -> Void) throws {
        let url = URL(fileURLWithPath: file(name))
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

    /// Runs the program in this folder.
    @discardableResult
    func motet(_ arguments: String..., fileBlocks: Int? = nil) throws -> Program.Result {
        try Program.run(arguments, in: path, fileBlocks: fileBlocks)
    }

    /// Trains into `run`, which must succeed.
    func train() throws {
        let result = try motet("train", "shop.yaml", "--output", "run")
        precondition(result.status == 0, "training failed: \(result.errors)")
    }

    /// Every file and folder below with its contents; empty for folders.
    ///
    /// - Parameter cache: whether caches of prepared data count.
    /// - Returns: contents by path relative to the folder.
    func contents(cache: Bool) -> [String: Data] {
        var contents: [String: Data] = [:]
        guard let names = FileManager.default.enumerator(atPath: path) else { return [:] }
        for case let name as String in names where cache || !name.hasPrefix(".motet-cache") {
            contents[name] = FileManager.default.contents(atPath: file(name)) ?? Data()
        }
        return contents
    }

    /// Files of any folder that stand there only while something is written.
    var halfWritten: [String] {
        contents(cache: true).keys.filter {
            $0.contains(".partial") || $0.contains(".building") || $0.contains("scratch-")
        }
    }

    static let experiment = """
        name: shop
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: place, values: [home, search, mail] }
        features:
          - { name: user, type: categorical, vocabulary: 1000, dimension: 4 }
          - { name: price, type: numeric, transform: standardise }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
          - { name: purchase, label: bought, within: click, loss: binary_cross_entropy, metrics: [auc] }
        model: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 32
          epochs: 1
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// Rows without chance: line `n` of the file is row `n - 2`.
    static func table(rows: Int, shift: Int) -> String {
        var text = "place,user,price,clicked,bought\n"
        for row in shift..<(rows + shift) {
            let click = (row * row + row / 3) % 5 < 2 ? 1 : 0
            let bought = click == 1 && row % 3 == 0 ? 1 : 0
            text += "\(["home", "search", "mail"][row % 3]),u\(row * 7 % 11),"
            text += "\(Double(row % 13) + 0.5),\(click),\(bought)\n"
        }
        return text
    }
}
