// Every decision of a shop, asked of live servers: ads, risk and prices by one model of behaviour, payments and fraud, and
// forecasts by one of demand. `make demo-live` trains, serves and asks; README.md tells what is measured.
//
//     swift run -c release LiveDecisions prepare FOLDER
//     swift run -c release LiveDecisions ask FOLDER --port N --forecast-port N

import ExampleSupport
import Foundation
import Motet

@main
struct LiveDecisions {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            guard arguments.count >= 2 else {
                throw ExampleError(
                    "arguments: expected `prepare` or `ask`, and the folder of a simulated shop."
                )
            }
            let folder = arguments[1]
            switch arguments[0] {
            case "prepare":
                let file = CampaignFile(shop: folder + "/shop", folder: folder)
                print("\(try file.write(campaigns: 200)) campaigns: \(folder)/campaigns.yaml")
            case "ask":
                let rest = Array(arguments.dropFirst(2))
                try ask(
                    folder,
                    port: port("--port", in: rest),
                    forecastPort: port("--forecast-port", in: rest)
                )
            default:
                throw ExampleError(
                    "arguments: expected `prepare` or `ask` first; received \"\(arguments[0])\"."
                )
            }
        } catch {
            FileHandle.standardError.write(Data("LiveDecisions: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func port(_ option: String, in arguments: [String]) throws -> Int {
        let place = arguments.firstIndex(of: option).map { $0 + 1 }
        guard let place, place < arguments.count, let port = Int(arguments[place]),
            (1...65_535).contains(port)
        else { throw ExampleError("\(option): expected the port of a server behind it.") }
        return port
    }

    /// Asks about the log's last tenth, which no model has learnt from.
    private static func ask(_ folder: String, port: Int, forecastPort: Int) throws {
        let rows = try ImpressionRows(folder + "/shop")
        let first = rows.count - rows.count / 10
        let shop = try ShopClient(port: port)
        let visits = first..<min(first + 2000, rows.count)
        let report = DecisionReport()
        print(report.text(try AdVisits(rows: rows, shop: shop).run(visits, RandomKey(seed: 1))))
        print(report.text(try RiskOrders(rows: rows, shop: shop).run(first..<rows.count)))
        let prices = try PricedItems(folder + "/shop", shop)
        print(report.text(try prices.run()))
        let forecasts = ForecastItems(shop: try ShopClient(port: forecastPort), items: prices.count)
        print(report.text(try forecasts.run()))
    }
}
