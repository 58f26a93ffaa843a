// One model of behaviour, purchases, returns, fraud and demand over all places of a shop, or a model for each task? Asked of simulated
// shops, whose truth is known; and, with --from, of a comparison on real data: where tasks and scenarios gained, and what it
// learnt of prices. README.md tells what came out.
//
//     swift run -c release Shop [--seeds N] [--small]
//     swift run -c release Shop --from runs/shop_retail

import ExampleSupport
import Foundation
import Motet

@main
struct Shop {
    static func main() {
        ExampleProgram.run("Shop", switches: ["--small"]) { options in
            if let folder = options.folder {
                try compared(folder)
            } else {
                try simulated(options)
            }
        }
    }

    private static func simulated(_ options: ExampleOptions) throws {
        var shops = SimulatedShops(folder: "data/shop_tasks")
        if options.switches.contains("--small") { shops.rows = 80_000 }
        let table = try shops.measure(seeds: options.seeds) { print($0) }
        print("")
        for (model, other) in try shops.pairs() {
            print(shops.plain(table, model, against: other))
        }
    }

    private static func compared(_ folder: String) throws {
        let cells = try ComparedCells(folder)
        for name in cells.sharing {
            print("\(name) against \(cells.report.singleTask):\n\n\(cells.plain(name))")
        }
        if let table = try cells.elasticities() { print("mean elasticities:\n\n\(table)") }
    }
}
