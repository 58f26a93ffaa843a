import Foundation
import Motet
import MotetForecasting

@testable import MotetServing

/// A panel of sales and a run whose model forecasts them.
final class ForecastShop: Sendable {
    /// The folder of the panel and its settings.
    let path: String
    let served: ServedShop
    let panel: SalesPanel

    /// The shop that all tests share; trained once.
    static let shared = Result { try ForecastShop() }

    /// A time in the first week after the history, which ends on Sunday 2024-09-08.
    static let now: Int64 = 1_725_872_400_000
    static let week: Int64 = 7 * 86_400_000

    init() throws {
        path = NSTemporaryDirectory() + "/motet-forecast-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var generator = RandomKey(seed: 5).generator()
        var lines: [SalesLine] = []
        let first = SalesPeriod.week.index(ofDay: 19_723)
        for item in 0..<9 {
            let level = Double(item + 1) * 3
            for week in (item == 8 ? 20 : 0)..<36 where item < 6 || week % 3 == 0 {
                let units =
                    (level * Double.random(in: 0.5...1.5, using: &generator) * 10).rounded() / 10
                lines.append(
                    SalesLine(
                        item: "i\(item)",
                        category: "c\(item % 3)",
                        period: first + week,
                        units: UnitCount(units) ?? .zero,
                        price: 2 + Double((week + item) % 4)
                    )
                )
            }
        }
        panel = try SalesPanel(lines, period: .week, first: first, last: first + 35)
        let keys = "period: week, category: c, horizon: 4, history: 6, validation: 4, test: 4"
        let file = path + "/panel.yaml"
        try "panel: { \(keys) }\n".write(toFile: file, atomically: true, encoding: .utf8)
        let settings = try PanelSettings(contentsOf: URL(fileURLWithPath: file))
        try PanelFolder.write(path + "/panel", lines, panel, settings)
        served = try ServedShop(
            experiment: Self.experiment.replacing("PANEL", with: path + "/panel"),
            train: "",
            valid: ""
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static let experiment = """
        name: demand
        seed: 7
        data:
          train: PANEL/training.parquet
          validation: PANEL/validation.parquet
          sample_weight: weight
          scenario: { column: level, values: [item, category, total] }
        online_features:
          features: [ { name: bought, of: item, type: count, events: purchase, window: all } ]
        features:
          - { name: series, type: categorical, dimension: 4 }
          - { name: horizon, type: categorical, dimension: 2 }
          - { name: scale, type: numeric, transform: [log1p, standardise] }
          - { name: lag_0, type: numeric, transform: standardise }
          - { name: mean_4, type: numeric, transform: standardise }
          - { name: price_ratio, type: numeric, transform: standardise }
        tasks:
          - { name: demand, label: demand, loss: poisson, metrics: [wape] }
          - { name: low, label: demand, loss: { name: quantile, level: 0.1 }, metrics: [mae] }
          - { name: high, label: demand, loss: { name: quantile, level: 0.9 }, metrics: [mae] }
        model: { architecture: shared_bottom, bottom_units: [8], tower_units: [4] }
        training:
          optimizer: { name: adam, learning_rate: 1.0e-2 }
          batch_size: 100
          epochs: 3
          threads: 1
        evaluation: { resamples: 0 }

        """

    /// Settings with more keys.
    func settings(_ more: String = "") throws -> ServingSettings.Forecast {
        let read = try ServingSettings(
            ConfigurationDocument(parsing: text(more), name: "serve.yaml"),
            folder: path
        ).forecast
        guard let read else { throw Wire.Failure(description: "no section") }
        return read
    }

    /// The section with more keys.
    func text(_ more: String = "") -> String {
        """
        forecast:
          history: \(path)/panel
          task: demand
          quantiles: [ { level: 0.1, task: low }, { level: 0.9, task: high } ]
          maximum_items: 12
          reorder: { holding: 0.5, correlation: 0.25 }
          \(more)

        """
    }

    /// A server at a time.
    func server(_ more: String = "", at time: Int64 = now) async throws -> RunningServer {
        let forecast = try settings(more)
        return try await RunningServer(served, { $0.forecast = forecast }, clock: { time })
    }
}

/// The forecasts of a series in an answer.
struct Forecasts {
    let starts: [String]
    let means: [Double]
    /// Period by period the quantiles.
    let quantiles: [[Double]]

    init(_ value: Any?) throws {
        let periods = (value as? [String: Any])?["forecasts"] as? [[String: Any]]
        guard let periods else { throw Wire.Failure(description: "no forecasts") }
        starts = periods.compactMap { $0["start"] as? String }
        means = periods.compactMap { $0["mean"] as? Double }
        quantiles = periods.map { period in
            (period["quantiles"] as? [[String: Any]] ?? []).compactMap { $0["units"] as? Double }
        }
    }

    /// The means in thousandths.
    var thousandths: [Int64] { means.map { Int64(($0 * 1000).rounded()) } }
}

extension RunningServer {
    /// Asks for forecasts.
    func forecast(_ fields: String) async throws -> [String: Any] {
        let reply = try await post("/v1/forecast", "{\(fields)}")
        guard reply.status == 200 else {
            throw Wire.Failure(description: "\(reply.status) \(reply.text)")
        }
        return try reply.json()
    }
}
