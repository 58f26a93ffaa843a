// A shop that is live: the Complete Journey's purchases with online features, a trained run behind HTTP, and a day of the
// log replayed against it as events and requests. `make demo-live` does all of it; README.md tells what is measured.
//
//     swift run -c release LiveJourney prepare [--from FOLDER] [--output FOLDER]
//     swift run -c release LiveJourney replay --port N [--from FOLDER] [--day YYYY-MM-DD] [--hours N] [--seconds N]

import ExampleSupport
import Foundation
import Motet

@main
struct LiveJourney {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let command = arguments.isEmpty ? "" : arguments.removeFirst()
        do {
            let options = try LiveOptions(arguments)
            switch command {
            case "prepare": try prepare(options)
            case "replay": try replay(options)
            default:
                throw ExampleError(
                    "arguments: expected `prepare` or `replay` first; received \"\(command)\"."
                )
            }
        } catch {
            FileHandle.standardError.write(Data("LiveJourney: \(error)\n".utf8))
            exit(1)
        }
    }

    /// Writes the log of purchases, and the rows a model learns from.
    private static func prepare(_ options: LiveOptions) throws {
        let log = try PurchaseLog(ExampleData.files(CompleteJourneyRecipe(), options.data))
        try FileManager.default.createDirectory(
            atPath: options.output + "/rows",
            withIntermediateDirectories: true
        )
        try log.write(to: options.output + "/purchases.parquet")
        let catalogue = Catalogue(log)
        let items = try catalogue.write(to: options.output + "/catalogue.parquet")
        try catalogue.writeBaskets(to: options.output + "/baskets.parquet")
        print("\(log.visits.count) visits; a catalogue of \(items) items")
        for part in TrainingRows.parts {
            let rows = try TrainingRows(part).write(log, to: options.output + "/rows")
            print(
                "\(part.name): weeks \(part.weeks.lowerBound)-\(part.weeks.upperBound), "
                    + "\(rows.visits) visits, \(rows.count) rows, \(rows.bought) bought"
            )
        }
    }

    private static func replay(_ options: LiveOptions) throws {
        guard let port = options.port else {
            throw ExampleError("--port: missing; expected the port of the server.")
        }
        let log = try PurchaseLog(ExampleData.files(CompleteJourneyRecipe(), options.data))
        let shop = try ShopClient(port: port)
        var replay = Replay(log, shop, options)
        print(try replay.run().text)
    }
}

/// What the program was asked for.
struct LiveOptions {
    var data = ExampleOptions()
    var output = "data/live_journey"
    var port: Int?
    /// The beginning of the day, in milliseconds since 1970.
    var day: Int64
    var hours = 24
    /// How long the replay takes, its hours made shorter.
    var seconds = 40.0

    init(_ arguments: [String]) throws {
        day = try Self.day("2017-12-09")
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw ExampleError("\(option): a value is missing.")
            }
            func number(_ range: ClosedRange<Int>) throws -> Int {
                guard let number = Int(value), range.contains(number) else {
                    throw ExampleError(
                        "\(option): expected a whole number from \(range.lowerBound) to "
                            + "\(range.upperBound); received \"\(value)\"."
                    )
                }
                return number
            }
            switch option {
            case "--from": data.folder = value
            case "--output": output = value
            case "--port": port = try number(1...65_535)
            case "--hours": hours = try number(1...240)
            case "--seconds": seconds = Double(try number(1...3600))
            case "--day": day = try Self.day(value)
            default:
                throw ExampleError(
                    "arguments: expected --from, --output, --port, --day, --hours or --seconds; "
                        + "received \(option)."
                )
            }
        }
    }

    /// The beginning of a day, UTC.
    static func day(_ text: String) throws -> Int64 {
        let style = Date.ISO8601FormatStyle().year().month().day()
        guard let date = try? style.parse(text) else {
            throw ExampleError("--day: expected a day such as 2017-12-09; received \"\(text)\".")
        }
        return Int64(date.timeIntervalSince1970) * 1000
    }
}
