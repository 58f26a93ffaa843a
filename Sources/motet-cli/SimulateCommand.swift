import ArgumentParser
import Foundation
import Motet

/// `motet simulate`.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate the log of a shop, with the truth beside it.",
        discussion: """
            CONFIG says what the shop is like; docs/simulator.md has every knob with its formula. The folder \
            gets the log of impressions as Parquet files, tables of users, items, days and campaigns, and \
            below truth/ the probabilities behind every label, also of rows that were not clicked. The same \
            configuration and seed give the same bytes on any number of threads. Ctrl-C leaves nothing.

              motet simulate Examples/Simulation/shop.yaml --output data/shop
              motet simulate Examples/Simulation/shop.yaml --output data/b --rows 10000
            """
    )

    @Argument(help: "A simulation (YAML).")
    var config: String

    @Option(help: "The folder to make.")
    var output: String

    @Option(help: "How many rows the log has. Default: the configuration's.")
    var rows: Int?

    @Option(help: "The seed. Default: the configuration's.")
    var seed: UInt64?

    @Option(help: "How many threads write. Default: one a core.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError(
                "'--threads' is out of range; expected from 1 to 1024; received \(threads)."
            )
        }
        if let rows, !(1...SimulationSettings.mostRows).contains(rows) {
            throw ValidationError(
                "'--rows' is out of range; expected from 1 to \(SimulationSettings.mostRows); received "
                    + "\(rows)."
            )
        }
    }

    func run() throws {
        Interruption.watch()
        let settings = try SimulationSettings(contentsOf: URL(fileURLWithPath: config)) {
            if let rows { $0.rows = rows }
            if let seed { $0.seed = seed }
        }
        var simulation = Simulation(settings, version: MotetVersion.current)
        if let threads { simulation.threads = threads }
        var bar: ProgressBar?
        let clock = ContinuousClock()
        let start = clock.now
        let record = try simulation.write(
            to: output,
            isStopped: { Interruption.isRequested },
            progress: { done, total in
                if bar == nil { bar = ProgressBar("simulating", total: total) }
                bar?.update(done: done)
            }
        )
        bar?.finish()
        guard let record else {
            TerminalOutput.standardError.write("stopped: nothing was written to \(output).\n")
            throw ExitStatus.interrupted
        }
        let seconds = (clock.now - start) / .seconds(1)
        for line in lines(record, seconds: seconds) { print(line) }
    }

    private func lines(_ record: SimulationRecord, seconds: Double) -> [String] {
        let counts = record.counts
        func share(_ part: Int, of whole: Int) -> String {
            String(format: "%.2f %%", 100 * Double(part) / Double(max(whole, 1)))
        }
        return [
            "\(counts.rows) rows in \(record.parts) \(record.parts == 1 ? "file" : "files"), "
                + "\(counts.clicks) clicks (\(share(counts.clicks, of: counts.rows))), "
                + "\(counts.carts) carts, \(counts.payments) payments "
                + "(\(counts.paymentsSeen) seen by the cut-off), \(counts.returns) returns",
            "\(counts.rings) rings of \(counts.ringAccounts) accounts, \(counts.fakeOrders) fake orders, "
                + "\(counts.fakeReviews) of \(counts.reviews) reviews fake; \(counts.ads) ads; "
                + "\(share(counts.outOfStock, of: counts.rows)) of rows out of stock",
            "written to \(output) in \(String(format: "%.1f", seconds)) s, "
                + "\(Int(Double(counts.rows) / seconds)) rows/s",
        ]
    }
}
