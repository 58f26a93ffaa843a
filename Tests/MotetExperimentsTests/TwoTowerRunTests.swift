import Foundation
import Motet
import Testing

@Suite("Runs of two towers") struct TwoTowerRunTests {
    /// A folder whose experiment has towers of users and items.
    private func place(_ keys: String = "") throws -> Workplace {
        let place = try Workplace()
        let head = Workplace.experiment.components(separatedBy: "features:")[0]
        try place.write(
            "tiny.yaml",
            head + """
                features:
                  - { name: user_id, type: categorical, vocabulary: 200000, dimension: 4 }
                  - { name: item_id, type: categorical, vocabulary: 200000, dimension: 4 }
                  - { name: history, type: sequence, delimiter: " ", maximum_length: 5, shares: item_id }
                  - { name: age, column: row, type: numeric, transform: standardise }
                  - { name: price, type: numeric, transform: log1p }
                  - { name: rank, column: row, type: numeric, transform: log1p }
                tasks:
                  - { name: click, label: clicked, loss: binary_cross_entropy, metrics: [auc] }
                model:
                  architecture: two_tower
                  item_features: [item_id, price]
                  units: [8]
                  dimension: 6
                  \(keys)
                training:
                  optimizer: { name: adam, learning_rate: 1.0e-2 }
                  batch_size: 128
                  epochs: 2
                  threads: 1
                evaluation: { resamples: 20 }

                """
        )
        return place
    }

    @Test func sharesOfItemsAreCountedOverTheTrainingRowsAndSaved() throws {
        let place = try place()
        try place.train()
        let run = try TrainedRun(place.file("run"))
        let kept = try #require(run.parameters[TwoTower.logSharesName])
        var counts: [String: Int] = [:]
        for line in try place.text("train.csv").split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            counts[String(fields[3]), default: 0] += 1
        }
        let vocabulary = try #require(run.fitted.vocabulary(of: "item_id"))
        #expect(kept.shape == [run.fitted.vocabularySize(for: "item_id"), 1])
        #expect(counts.count == 30)
        // What only histories hold counts as if one row had it, and so does what is unknown.
        for (index, value) in (["an unknown one"] + vocabulary.values).enumerated() {
            let share = Double(counts[value] ?? 1) / 900
            #expect(abs(Double(kept.floats[index]) - log(share)) < 1e-6, "\(value)")
        }
    }

    @Test func anInterruptedRunEqualsAWholeOne() throws {
        let place = try place()
        try place.train(to: "whole")
        var request = TrainRequest(configuration: place.file("tiny.yaml"))
        request.output = place.file("parts")
        #expect(try Workplace.runner(stoppingAfter: 9).train(request).metrics == nil)
        #expect(try Workplace.runner.train(resuming: place.file("parts")).metrics != nil)
        let whole = try ParameterStore(file: place.file("whole/parameters.safetensors"))
        #expect(try ParameterStore(file: place.file("parts/parameters.safetensors")) == whole)
    }

    @Test func withoutTheCorrectionNothingIsKept() throws {
        let place = try place("sampling_correction: false")
        #expect(try place.train().metrics != nil)
        let run = try TrainedRun(place.file("run"))
        #expect(run.parameters[TwoTower.logSharesName] == nil)
    }

    /// The same seed: the correction is all that differs.
    @Test func theCorrectionChangesWhatIsLearnt() throws {
        let (with, without) = (try place(), try place("sampling_correction: false"))
        try with.train()
        try without.train()
        let name = "item_tower/dense_1/weight"
        let learnt = try [with, without].map {
            try #require(TrainedRun($0.file("run")).parameters[name])
        }
        #expect(learnt[0].shape == learnt[1].shape && learnt[0] != learnt[1])
    }

    /// The names in a file's first column, and its vectors one after the other.
    private func vectors(_ file: String, _ width: Int) throws -> (names: [String], [Float]) {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let header = ["vector_0", "vector_\(width - 1)"]
        #expect(header.allSatisfy { lines[0].contains($0) })
        var (names, numbers): ([String], [Float]) = ([], [])
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
            #expect(fields.count == width + 1)
            names.append(fields[0])
            numbers += try fields.dropFirst().map { try #require(Float($0)) }
        }
        return (names, numbers)
    }

    /// Writes the vectors of some rows of a file, and reads them back.
    private func written(
        _ side: TwoTower.Side,
        _ text: String,
        in place: Workplace
    ) throws -> (names: [String], [Float]) {
        let (input, output) = ("\(side)s.csv", place.file("\(side)s_out.csv"))
        try place.write(input, text)
        var request = VectorsRequest(
            run: place.file("run"),
            side: side,
            files: [place.file(input)],
            output: output
        )
        request.batchSize = 8
        let made = try Workplace.runner.vectors(request)
        #expect(made.dimension == 6 && made.id == "\(side)_id")
        #expect(made.preparation.unknownValues.first { $0.rule == made.id }?.changed == 1)
        return try vectors(output, 6)
    }

    /// Vectors made apart, of files with the columns of one side, rank as the whole model's pairs do.
    @Test func aSearchAmongItemVectorsGivesTheOrderOfThePairs() throws {
        let place = try place()
        try place.train()
        // The last item and the last user are unknown.
        let items = (0..<31).map { (id: "i\($0)", price: 2 + 3 * $0) }
        let users = [(id: "u3", age: 40), (id: "u17", age: 900), (id: "stranger", age: 7)]
        let histories = ["1 2 3", "", "29"]
        let (names, catalogue) = try written(
            .item,
            "price,item_id\n" + items.map { "\($0.price),\($0.id)\n" }.joined(),
            in: place
        )
        #expect(names == items.map(\.id))
        // The tower that programs ask makes the same of ids and numbers.
        let run = try TrainedRun(place.file("run"))
        let ids = try #require(run.fitted.vocabulary(of: "item_id")).ids()
        let made = try run.tower(.item, backend: OneDNNBackend())([
            "item_id": Tensor(items.map { ids[$0.id] ?? 0 }),
            "numeric": Tensor(items.map { Float(log1p(Double($0.price))) }, shape: [31, 1]),
        ])
        for (one, other) in zip(try #require(made["vector"]).floats, catalogue) {
            #expect(abs(one - other) < 1e-5)
        }
        let (asked, queries) = try written(
            .user,
            "user_id,history,row\n"
                + zip(users, histories).map { "\($0.id),\($1),\($0.age)\n" }.joined(),
            in: place
        )
        #expect(asked == users.map(\.id))
        // So does the tower that a server asks, of rows in memory.
        let tower = try TowerPredictor(run, side: .user, engine: .oneDNN)
        #expect(Set(tower.columns) == ["user_id", "history", "row"])
        #expect(tower.sequences == ["history"])
        #expect(tower.dimension == 6)
        try tower.warm()
        for (row, (user, history)) in zip(users, histories).enumerated() {
            let values = history.split(separator: " ").map { RawValue.text(String($0)) }
            let vector = try tower.vectors(
                RawRows(
                    count: 1,
                    columns: [
                        "user_id": .same(.text(user.id)), "row": .same(.integer(Int64(user.age))),
                        "history": .same(values.isEmpty ? .missing : .list(values)),
                    ]
                )
            )
            #expect(vector.count == 6)
            for (one, other) in zip(vector, queries[(row * 6)...]) {
                #expect(abs(one - other) < 1e-5)
            }
        }

        let pairs = zip(users, histories).flatMap { user, history in
            items.map { "\(user.age),home,\(user.id),\($0.id),\(history),\($0.price)\n" }
        }
        try place.write(
            "pairs.csv",
            "row,market,user_id,item_id,history,price\n" + pairs.joined()
        )
        _ = try Workplace.runner.predict(
            place.file("run"),
            files: [place.file("pairs.csv")],
            output: place.file("pairs_out.csv")
        )
        let scores = try place.text("pairs_out.csv").split(separator: "\n").dropFirst().map {
            try #require(Double($0.split(separator: ",").last ?? ""))
        }
        #expect(scores.count == 93)
        let index = try VectorIndex(catalogue, dimension: 6)
        for user in users.indices {
            let own = Array(scores[(user * 31)..<((user + 1) * 31)])
            let found = try index.nearest(
                to: Array(queries[(user * 6)..<((user + 1) * 6)]),
                limit: 31
            )
            #expect(Set(found.map(\.place)).count == 31)
            for match in found {
                // The probability of the pair is that of its logit, the product over the temperature of 0.05.
                let expected = 1 / (1 + exp(-Double(match.product) / 0.05))
                #expect(abs(own[match.place] - expected) < 1e-5)
            }
            for (better, worse) in zip(found, found.dropFirst()) {
                #expect(own[better.place] >= own[worse.place] - 1e-6)
            }
            #expect(own.max() != own.min())
        }
    }

    @Test func otherRunsHaveNoVectors() throws {
        let place = try Workplace()
        try place.train()
        let message = sentence {
            _ = try Workplace.runner.vectors(
                VectorsRequest(
                    run: place.file("run"),
                    side: .item,
                    files: [place.file("test.csv")],
                    output: place.file("out.csv")
                )
            )
        }
        #expect(
            message.contains(
                "the model has no towers of users and items; expected the architecture `two_tower`; received `mmoe`."
            )
        )
        #expect(!place.contents.contains { $0.hasPrefix("out") })
    }
}
