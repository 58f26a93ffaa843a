import Foundation
import Motet

extension Shop {
    /// A comparison of two weightings and single-task training: ten trainings.
    static let comparison = """
        name: shops
        base: shop.yaml
        seeds: [1, 2]
        grid:
          training.weighting: [fixed, dwa]
        variants:
          alone:
            model: { architecture: single_task, bottom_units: [8], tower_units: [4] }
        baselines:
          single_task: alone
          tuned_scalarisation: { of: fixed, search: grid, trials: 3 }
        budget: { parallel: 2 }

        """

    /// A shop with `compare.yaml`, and with test rows.
    static func compared() throws -> Shop {
        let shop = try Shop()
        try shop.write("test.csv", table(rows: 60, shift: 7))
        try shop.replace("  validation: valid.csv", "  validation: valid.csv\n  test: test.csv")
        try shop.write("compare.yaml", comparison)
        return shop
    }

    func compare(_ arguments: String...) throws -> Program.Result {
        try Program.run(["compare", "compare.yaml", "--output", "all"] + arguments, in: path)
    }

    /// The report of the comparison in a folder.
    func report(_ folder: String = "all") throws -> ComparisonReport {
        try JSONDecoder().decode(
            ComparisonReport.self,
            from: Data(try text(folder + "/report.json").utf8)
        )
    }

    /// The parameters of every run by its path in the comparison.
    func parameters(_ folder: String = "all") throws -> [String: Data] {
        var found: [String: Data] = [:]
        for run in try report(folder).runs where run.state == .finished {
            let name = folder + "/" + run.path + "/parameters.safetensors"
            found[run.path] = try Data(contentsOf: URL(fileURLWithPath: file(name)))
        }
        return found
    }

    /// Starts a comparison without waiting for it.
    func startComparing() throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Program.binary())
        process.arguments = ["compare", "compare.yaml", "--output", "all"]
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Waits until a file is there; false after a minute.
    func waits(for name: String) -> Bool {
        for _ in 0..<6000 {
            if FileManager.default.fileExists(atPath: file(name)) { return true }
            usleep(10_000)
        }
        return false
    }
}
