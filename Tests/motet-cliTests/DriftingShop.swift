import Foundation
import Motet

/// A shop whose visitors change what they like, with the truth known: a folder with the logs of some days, a run trained on
/// the days before, and a link to it.
final class DriftingShop {
    let path: String
    static let day: Int64 = 86_400_000
    /// When the logs begin, in milliseconds since 1970.
    static let origin = 20_000 * day
    private static let users = 400
    private static let items = 30

    /// Makes the logs.
    ///
    /// - Parameters:
    ///   - days: the days of the logs, behind 4 that the run is trained on.
    ///   - turn: by how much tastes turn a day; 0 for none.
    ///   - purchaseDelay: the mean delay of purchases in days.
    /// - Throws: where a file cannot be written, or the run not trained.
    init(days: Int, turn: Double, purchaseDelay: Double = 0.5) throws {
        path = NSTemporaryDirectory() + "/motet-drift-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let header = "time,user,item,market,clicked,bought\n"
        var (train, shown) = (header, header)
        var events = "time,kind,user,item\n"
        var random = RandomKey(seed: 12).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        for step in -4 * 1500..<days * 1500 {
            let time = Int64(Double(step) / 1500 * Double(Self.day))
            let day = Double(step) / 1500
            let (user, item) = (pick(Self.users), pick(Self.items))
            let market = ["home", "search"][pick(2)]
            let (click, buy) = Self.rates(user, item, market, day: max(day, 0) * turn)
            let clicks = random.nextUniform() < click
            let buys = clicks && random.nextUniform() < buy
            let line = "\(time + Self.origin),u\(user),i\(item),\(market)"
            if step < 0 {
                train += line + ",\(clicks ? 1 : 0),\(buys ? 1 : 0)\n"
            } else {
                shown += line + ",,\n"
            }
            let start = time + Self.origin
            if clicks, step >= 0 { events += "\(start + 30_000),click,u\(user),i\(item)\n" }
            if buys, step >= 0 {
                let delay = -log(max(random.nextUniform(), 1e-9)) * purchaseDelay * Double(Self.day)
                events += "\(start + 60_000 + Int64(delay)),purchase,u\(user),i\(item)\n"
            }
        }
        try write("train.csv", train)
        try write("shown.csv", shown)
        try write("events.csv", events)
        try write("experiment.yaml", Self.experiment)
        _ = try ExperimentRunner(engine: .oneDNN).train(
            TrainRequest(configuration: file("experiment.yaml"), output: file("run"))
        )
        try relink()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The true rates of a click, and of a purchase after one.
    static func rates(
        _ user: Int,
        _ item: Int,
        _ market: String,
        day turned: Double
    ) -> (click: Double, buy: Double) {
        let angle = Double(user % 8) * .pi / 4 - Double(item % 6) * .pi / 3 + turned
        let logit = -1.2 + 1.8 * cos(angle) + (market == "search" ? 0.4 : 0)
        return (1 / (1 + exp(-logit)), 1 / (1 + exp(-(-0.8 + 1.2 * cos(angle)))))
    }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    /// Makes the link lead to the trained run, and forgets what was learnt.
    func relink() throws {
        try? FileManager.default.removeItem(atPath: file("current"))
        try? FileManager.default.removeItem(atPath: file("learned"))
        try FileManager.default.createSymbolicLink(
            atPath: file("current"),
            withDestinationPath: file("run")
        )
    }

    /// Where the link leads.
    func live() throws -> String {
        URL(fileURLWithPath: file("current")).resolvingSymlinksInPath().path
    }

    static let experiment = """
        name: drift
        seed: 3
        data:
          train: train.csv
          scenario: { column: market, values: [home, search] }
        features:
          - { name: user, type: categorical, hash_buckets: 2000, dimension: 8 }
          - { name: item, type: categorical, hash_buckets: 200, dimension: 8 }
          - { name: market, type: categorical, dimension: 2 }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc, log_loss] }
          - { name: buy, label: bought, loss: binary_cross_entropy, within: click, metrics: [auc, log_loss] }
        model: { architecture: shared_bottom, bottom_units: [32], tower_units: [16] }
        training:
          optimizer: { name: adam, learning_rate: 3.0e-3 }
          batch_size: 128
          epochs: 8
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// How the shop learns; `more` goes behind.
    static func settings(_ more: String = "") -> String {
        """
        run: current
        output: learned
        exposures: { files: shown.csv }
        outcomes:
          - { files: events.csv, kind: { column: kind }, item: item }
        tasks:
          - { name: click, event: click, window: 1h }
          - { name: buy, event: purchase, window: 5d, learn: at_once, gate_age: 1d }
        optimizer: { name: adagrad, learning_rate: 0.02 }
        batch_size: 128
        step: 12h
        gate: { share: 0.2, window: 2d, rows: 100, positives: 10, worse: 0.01, calibration: 0.5 }
        \(more)
        """
    }
}
