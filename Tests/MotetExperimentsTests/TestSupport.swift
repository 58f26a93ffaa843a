import Foundation
import Motet

/// A folder with an experiment and generated data, removed when it goes away.
final class Workplace {
    let path: String

    /// Makes a folder with `train.csv`, `valid.csv` and `test.csv`.
    ///
    /// - Parameter rows: the rows of the training file; the others have a third.
    /// - Throws: an error of the file system.
    init(rows: Int = 900) throws {
        path = NSTemporaryDirectory() + "/motet-experiments-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("train.csv", Self.table(rows: rows, seed: 1))
        try write("valid.csv", Self.table(rows: rows / 3, seed: 2))
        try write("test.csv", Self.table(rows: rows / 3, seed: 3))
        try write("tiny.yaml", Self.experiment)
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
    func replace(_ old: String, _ new: String, in name: String = "tiny.yaml") throws {
        let text = try text(name)
        precondition(text.contains(old), "\(name) does not hold \(old)")
        try write(name, text.replacing(old, with: new))
    }

    /// The files and folders below, hidden ones and caches left out.
    var contents: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path))?
            .filter { !$0.hasPrefix(".") }.sorted() ?? []
    }

    static var runner: ExperimentRunner { ExperimentRunner(engine: .oneDNN) }

    /// A runner whose training is asked to stop after some steps.
    static func runner(stoppingAfter steps: Int) -> ExperimentRunner {
        var done = 0
        return ExperimentRunner(
            engine: .oneDNN,
            shouldStop: {
                done += 1
                return done == steps
            }
        )
    }

    /// Trains an experiment of the folder.
    @discardableResult
    func train(
        _ configuration: String = "tiny.yaml",
        to output: String = "run",
        _ change: (inout TrainRequest) -> Void = { _ in }
    ) throws -> TrainResult {
        var request = TrainRequest(configuration: file(configuration), output: file(output))
        change(&request)
        return try Self.runner.train(request)
    }

    static let experiment = """
        name: tiny
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          test: test.csv
          scenario: { column: market, values: [home, search, mail] }
          group: user_id
          keep: [row]
        features:
          - { name: user_id, type: categorical, vocabulary: 200000, dimension: 4 }
          - { name: item_id, type: categorical, hash_buckets: 100, dimension: 4 }
          - { name: history, type: sequence, delimiter: " ", maximum_length: 5, dimension: 4 }
          - { name: price, type: numeric, transform: log1p }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc, gauc] }
          - { name: purchase, label: purchased, within: click, loss: binary_cross_entropy, metrics: [auc] }
        model: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 128
          schedule: [ { joint: { epochs: 2 } } ]
          threads: 1
        evaluation: { resamples: 20 }

        """

    /// Clicks and purchases that depend on user, item and price.
    static func table(rows: Int, seed: UInt64) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        var text = "row,market,user_id,item_id,history,price,clicked,purchased\n"
        for row in 0..<rows {
            let (user, item) = (pick(20), pick(30))
            let history = (0..<pick(6)).map { _ in "\(pick(30))" }.joined(separator: " ")
            let price = 1 + pick(50)
            let likes = Double(user % 5) / 5 + Double(item % 7) / 14
            let click = random.nextUniform() < likes ? 1 : 0
            let purchase = click == 1 && random.nextUniform() < 0.2 + Double(item % 3) / 4 ? 1 : 0
            text += "\(row),\(["home", "search", "mail"][pick(3)]),u\(user),i\(item),\(history),"
            text += "\(price),\(click),\(purchase)\n"
        }
        return text
    }
}

/// The sentence of the error that a closure throws.
func sentence(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing was thrown"
    } catch {
        return "\(error)"
    }
}
