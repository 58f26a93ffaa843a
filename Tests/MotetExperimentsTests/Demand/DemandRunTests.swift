import Foundation
import Motet
import Testing

@Suite("Runs with demand") struct DemandRunTests {
    /// A folder whose experiment has units that fall with the price, and purchases that do.
    static func place(
        demand: String = "{ price: price }",
        architecture: String = "mmoe, experts: 2, expert_units: [8]",
        epochs: Int = 2,
        table: String = DemandRunTests.table(rows: 600)
    ) throws -> Workplace {
        let place = try Workplace()
        try place.write("demand.csv", table)
        try place.write(
            "demand.yaml",
            """
            name: demand
            seed: 3
            data:
              files: demand.csv
              split: { fraction: { validation: 0.1, test: 0.2, seed: 1 } }
              scenario: { column: market, values: [home, search] }
              keep: [row]
            features:
              - { name: item_id, type: categorical, dimension: 4 }
              - { name: age, type: numeric, transform: standardise }
            tasks:
              - { name: units, loss: poisson, demand: \(demand) }
              - { name: bought, loss: binary_cross_entropy, demand: { price: price, reference: 5 } }
            model: { architecture: \(architecture), tower_units: [4] }
            training:
              optimizer: { name: adam, learning_rate: 1.0e-2 }
              batch_size: 64
              epochs: \(epochs)
              threads: 1
            evaluation: { resamples: 20 }

            """
        )
        return place
    }

    static func table(rows: Int, price: (Int) -> String = { "\(4 + ($0 * 7) % 12)" }) -> String {
        var text = "row,market,item_id,age,price,units,bought\n"
        for row in 0..<rows {
            let units = (row * 11) % 5
            text += "\(row),\(row % 3 == 0 ? "home" : "search"),i\(row % 9),\(row % 40),"
            text += "\(price(row)),\(units),\(units > 2 ? 1 : 0)\n"
        }
        return text
    }

    /// Rows of a request at a price.
    private func rows(_ price: Double?) -> RawRows {
        var columns: [String: RawRows.Column] = [
            "market": .each((0..<18).map { .text($0 % 2 == 0 ? "home" : "search") }),
            "item_id": .each((0..<18).map { .text("i\($0 % 9)") }),
            "age": .each((0..<18).map { .integer(Int64($0 * 3)) }),
        ]
        if let price { columns["price"] = .same(.number(price)) }
        return RawRows(count: 18, columns: columns)
    }

    @Test(arguments: ["mmoe, experts: 2, expert_units: [8]", "star, star_units: [8]"])
    func curvesAreWhatTheRunPredictsAtEveryPrice(architecture: String) throws {
        let place = try Self.place(architecture: architecture)
        try place.train("demand.yaml")
        let run = try TrainedRun(place.file("run"))
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let encoder = try RowEncoder(run.fitted)
        #expect(predictor.demandTasks == ["units", "bought"])
        #expect(predictor.priceColumn(of: "units") == "price")
        #expect(predictor.priceColumn(of: "click") == nil)
        let curves = try predictor.demandCurves(rows(nil), encoder)
        #expect(curves["units"]?.count == 18)
        #expect(Set(curves["units"] ?? []).count == 18)
        // What a row says of its price is not looked at.
        #expect(try predictor.demandCurves(rows(-4), encoder) == curves)
        for price in [2.5, 5, 9.75, 40] {
            let batch = try predictor.batch(rows(price), isExact: false, encoder)
            let scores = try predictor.scores(batch)
            for task in ["units", "bought"] {
                let (own, answers) = (curves[task] ?? [], scores[task] ?? [])
                #expect(own.count == answers.count)
                for (curve, answer) in zip(own, answers) {
                    #expect(curve.elasticity < 0)
                    // Floats of the program against doubles here.
                    #expect(abs(curve(price) - Double(answer)) < 2e-5 * max(1, Double(answer)))
                }
            }
        }
        #expect(curves["bought"]?.first?.reference == 5)
        #expect(curves["bought"]?.first?.link == .sigmoid)
    }

    @Test func theReferenceIsTheGeometricMeanOfTheTrainingRowsAndKept() throws {
        let place = try Self.place()
        try place.train("demand.yaml")
        let run = try TrainedRun(place.file("run"))
        let units = run.experiment.tasks[0]
        let reference = try #require(run.experiment.referencePrice(of: units, run.fitted))
        // Prices are 4 ... 15 in turn, seven rows of ten are for training.
        let mean = exp((4...15).reduce(0.0) { $0 + log(Double($1)) } / 12)
        #expect(abs(reference - mean) < 0.3, "\(reference)")
        let again = try FittedSchema(folder: URL(fileURLWithPath: place.file("run/fitted")))
        #expect(again.numerics["units_log_price"]?.transforms == [.logRatio(reference: reference)])
    }

    @Test func servingAndFilesGiveTheSameNumbers() throws {
        let place = try Self.place()
        try place.train("demand.yaml")
        _ = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("demand.csv")],
            output: place.file("out.csv")
        )
        let lines = try place.text("out.csv").split(separator: "\n")
        #expect(lines.count == 601)
        let run = try TrainedRun(place.file("run"))
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let encoder = try RowEncoder(run.fitted)
        for row in [0, 1, 17, 599] {
            let fields = Self.table(rows: 600).split(separator: "\n")[row + 1].split(separator: ",")
            let values = RawRows(
                count: 1,
                columns: [
                    "market": .same(.text(String(fields[1]))),
                    "item_id": .same(.text(String(fields[2]))),
                    "age": .same(.number(Double(fields[3]) ?? 0)),
                    "price": .same(.number(Double(fields[4]) ?? 0)),
                ]
            )
            let batch = try predictor.batch(values, isExact: true, encoder)
            let served = try #require(try predictor.scores(batch)["units"]?.first)
            let written = try #require(Float(lines[row + 1].split(separator: ",")[1]))
            #expect(abs(served - written) <= 1e-5 * written, "row \(row)")
        }
    }

    @Test(arguments: [
        ("0", "log has no finite value; expected a number above 0; received 0"),
        ("-3.5", "log has no finite value; expected a number above 0; received -3.5"),
        ("", "price"),
    ])
    func aPriceThatIsNoneStopsTheTraining(price: String, expected: String) throws {
        let place = try Self.place(
            table: Self.table(rows: 60) { $0 == 31 ? price : "\(4 + $0 % 9)" }
        )
        let message = sentence { try place.train("demand.yaml") }
        #expect(message.contains(expected), "\(message)")
    }

    @Test(arguments: [RawValue.integer(0), .number(-1), .missing])
    func aRequestAtSuchAPriceIsRefused(price: RawValue) throws {
        let place = try Self.place()
        try place.train("demand.yaml")
        let run = try TrainedRun(place.file("run"))
        let predictor = try RunPredictor(run, engine: .oneDNN)
        var asked = rows(nil)
        asked.columns["price"] = .same(price)
        let message = sentence {
            _ = try predictor.batch(asked, isExact: true, try RowEncoder(run.fitted))
        }
        #expect(message.contains("price"), "\(message)")
    }

    @Test func aRunWithoutDemandHasNoCurves() throws {
        let place = try Workplace()
        try place.train()
        let run = try TrainedRun(place.file("run"))
        let predictor = try RunPredictor(run, engine: .oneDNN)
        #expect(predictor.demandTasks.isEmpty)
        #expect(try predictor.demandCurves(rows(3), try RowEncoder(run.fitted)).isEmpty)
    }
}
