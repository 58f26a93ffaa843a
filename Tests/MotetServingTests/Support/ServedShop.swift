import Foundation
import Logging
import Motet
import Synchronization

@testable import MotetServing

/// A folder with a small trained run of every kind of feature, removed when it goes away.
final class ServedShop: Sendable {
    let path: String

    /// The run that all tests share; trained once.
    static let shared = Result { try ServedShop() }

    init() throws {
        path = NSTemporaryDirectory() + "/motet-serving-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("train.csv", Self.table(rows: 900, seed: 1, labels: true))
        try write("valid.csv", Self.table(rows: 300, seed: 2, labels: true))
        try write("new.csv", Self.table(rows: 100, seed: 3, labels: false))
        try train("run", seed: 7)
    }

    /// A folder with a run of an experiment of its own.
    init(experiment: String, train: String, valid: String) throws {
        path = NSTemporaryDirectory() + "/motet-serving-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("train.csv", train)
        try write("valid.csv", valid)
        try self.train("run", experiment)
    }

    /// Trains a run of another seed.
    func train(_ run: String, seed: Int) throws {
        try train(run, Self.experiment.replacing("seed: 7", with: "seed: \(seed)"))
    }

    /// Trains a run of an experiment.
    func train(_ run: String, _ experiment: String) throws {
        try write("\(run).yaml", experiment)
        _ = try Self.runner.train(
            TrainRequest(configuration: file("\(run).yaml"), output: file(run))
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static var runner: ExperimentRunner { ExperimentRunner(engine: .oneDNN) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    static let experiment = """
        name: shop
        seed: 7
        data:
          train: train.csv
          validation: valid.csv
          scenario: { column: market, values: [home, search, mail], unknown: other }
          keep: [row]
          cleaning:
            - repair: { column: brand, repairs: [ trim, lowercase, { missing: "?" } ] }
            - repair: { column: size, repairs: [ decimal_comma ] }
            - range: { column: stock, minimum: 0, maximum: 40, action: clip }
            - outliers: { column: price, quantiles: [0.01, 0.99] }
        features:
          - { name: user_id, type: categorical, vocabulary: 200000, dimension: 4 }
          - { name: item_id, type: categorical, hash_buckets: 100, dimension: 4 }
          - { name: brand, type: categorical, dimension: 3, missing: own_bucket }
          - { name: history, type: sequence, delimiter: " ", maximum_length: 5, dimension: 4 }
          - { name: likes, type: sequence, delimiter: " ", shares: brand, maximum_length: 3 }
          - { name: price, type: numeric, transform: [ log1p, standardise ] }
          - { name: age, type: numeric, transform: [ { quantile_bins: 5 } ], dimension: 2, missing: own_bucket }
          - { name: stock, type: numeric, transform: min_max, missing: median }
          - { name: size, type: numeric, transform: standardise, missing: own_bucket }
        tasks:
          - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
          - { name: purchase, label: purchased, within: click, loss: binary_cross_entropy, metrics: [auc] }
          - { name: channel, label: channel, loss: categorical_cross_entropy }
        model: { architecture: mmoe, experts: 2, expert_units: [8], tower_units: [4], scenario_towers: true }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 128
          epochs: 2
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// Rows of a shop's log, with values that are missing, unknown, out of range and to be repaired.
    static func table(rows: Int, seed: UInt64, labels: Bool) -> String {
        var random = RandomKey(seed: seed).generator()
        func pick(_ count: Int) -> Int { min(Int(random.nextUniform() * Double(count)), count - 1) }
        let brands = ["Acme", " bolt ", "CORE", "dash", "?", ""]
        var text = "row,market,user_id,item_id,brand,history,likes,price,age,stock,size"
        text += labels ? ",clicked,purchased,channel\n" : "\n"
        for row in 0..<rows {
            let (user, item) = (pick(labels ? 20 : 24), pick(30))
            let history = (0..<pick(8)).map { _ in "\(pick(30))" }.joined(separator: " ")
            let likes = (0..<pick(5)).map { _ in ["acme", "bolt", "core", "new"][pick(4)] }
            let market = ["home", "search", "mail", labels ? "home" : "billboard"][pick(4)]
            text += "\(row),\(market),u\(user),i\(item),\(brands[pick(6)]),\(history),"
            text += likes.joined(separator: " ") + ",\(Double(1 + pick(5000)) / 100),"
            text += pick(6) == 0 ? "," : "\(18 + pick(60)),"
            text += pick(7) == 0 ? "," : "\(pick(60) - 10),"
            text += pick(5) == 0 ? "" : "\"\(pick(30)),\(pick(10))\""
            if labels {
                let click = random.nextUniform() < Double(user % 5) / 5 + Double(item % 7) / 14
                let buys = click && random.nextUniform() < 0.2 + Double(item % 3) / 4
                text += ",\(click ? 1 : 0),\(buys ? 1 : 0),\(["web", "app", "shop"][item % 3])"
            }
            text += "\n"
        }
        return text
    }
}

/// A server that runs in this process until it is stopped.
final class RunningServer: Sendable {
    let port: Int
    /// The port of the admin routes, where they have one.
    let adminPort: Int?
    private let task: Task<Void, any Error>

    /// Starts a server at a free port and waits until it is ready.
    init(
        _ shop: ServedShop,
        run: String = "run",
        logger: Logger? = nil,
        features: any FeatureSource = RequestFeatures(),
        waitsForReady: Bool = true,
        _ change: (inout ServingSettings) -> Void = { _ in },
        clock: (@Sendable () -> Int64)? = nil
    ) async throws {
        var settings = ServingSettings()
        settings.port = 0
        settings.workers = 2
        settings.logLevel = .error
        settings.limits.candidates = 128
        change(&settings)
        let (ports, told) = AsyncStream.makeStream(of: (Int, Bool).self)
        let server = try ModelServer(
            run: shop.file(run),
            settings: settings,
            engine: .oneDNN,
            features: features,
            logger: logger,
            listening: { told.yield(($0, $1)) },
            clock: clock
        )
        task = Task.detached {
            defer { told.finish() }
            try await server.run(handlesSignals: false)
        }
        var (found, admin): (Int?, Int?)
        for await (port, isAdmin) in ports {
            if isAdmin { admin = port } else { found = port }
            if found != nil, admin != nil || settings.admin?.port == nil { break }
        }
        adminPort = admin
        guard let found else {
            try await task.value
            throw Wire.Failure(description: "the server ended before it listened")
        }
        port = found
        guard waitsForReady else { return }
        for _ in 0..<600 {
            if try await get("/readyz").status == 200 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Wire.Failure(description: "the server was not ready in 30 s")
    }

    deinit { task.cancel() }

    /// Ends the server and waits for its end.
    func stop() async throws {
        task.cancel()
        _ = await task.result
    }

    func get(_ path: String) async throws -> Reply { try await request("GET", path, nil) }

    func post(
        _ path: String,
        _ body: String,
        fields: [String: String] = [:]
    ) async throws -> Reply {
        try await request("POST", path, Array(body.utf8), fields: fields)
    }

    func request(
        _ method: String,
        _ path: String,
        _ body: [UInt8]?,
        fields: [String: String] = [:],
        at other: Int? = nil
    ) async throws -> Reply {
        let port = other ?? port
        return try await blocking {
            let wire = try Wire(port: port)
            var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            if let body {
                if fields["Content-Type"] == nil { head += "Content-Type: application/json\r\n" }
                head += "Content-Length: \(body.count)\r\n"
            }
            for (name, value) in fields { head += "\(name): \(value)\r\n" }
            wire.send(head + "\r\n")
            if let body { wire.send(body) }
            return try wire.answer()
        }
    }
}

/// Does what blocks on a thread of its own: the threads of tasks are the server's too.
func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
