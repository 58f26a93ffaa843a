import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("Batch loader") struct BatchLoaderTests {
    /// Row `r`: id `r`, vector `[2r, 2r + 1]`, `r % 5` history values, scenario `r % 4 - 1`.
    static func dataset(_ rowCount: Int) throws -> PreparedDataset {
        let rows = 0..<rowCount
        return try PreparedDataset(inMemory: [
            "id": .integers(rows.map(Int32.init)),
            "vector": .floats((0..<2 * rowCount).map(Float.init), width: 2),
            "history": .ragged(rows.map { row in (0..<(row % 5)).map { Int32(row * 10 + $0) } }),
            "scenario": .integers(rows.map { Int32($0 % 4 - 1) }),
            "label": .floats(rows.map { Float($0 % 2) }),
            "tokens": .integers((0..<3 * rowCount).map(Int32.init), width: 3),
            "pixels": .bytes(
                (0..<40 * rowCount).map { UInt8(truncatingIfNeeded: $0) },
                width: 40,
                scale: 1 / 255
            ),
        ])
    }

    /// The rows of every batch of an epoch, after checking that all inputs belong to them.
    func batches(_ loader: BatchLoader, epoch: Int = 0, step: Int = 0) throws -> [[Int]] {
        loader.start(epoch: epoch, step: step)
        var batches: [[Int]] = []
        while let batch = try loader.next() {
            let rows = batch.rows.map(Int.init)
            #expect(batch.step == step + batches.count)
            #expect(batch.rowCount == rows.count)
            #expect(batch.tensor("id")?.integers == rows.map(Int32.init))
            #expect(
                batch.tensor("vector")?.floats
                    == rows.flatMap { [Float(2 * $0), Float(2 * $0 + 1)] }
            )
            #expect(batch.tensor("label")?.floats == rows.map { Float($0 % 2) })
            #expect(
                batch.tensor("tokens")?.integers
                    == rows.flatMap { row in (0..<3).map { Int32(row * 3 + $0) } }
            )
            #expect(
                batch.tensor("pixels")?.floats
                    == rows.flatMap { row in
                        (0..<40).map {
                            Float(UInt8(truncatingIfNeeded: row * 40 + $0)) * (1 / 255 as Float)
                        }
                    }
            )
            let lengths = rows.map { $0 % 5 }
            let values = rows.flatMap { row in (0..<(row % 5)).map { Int32(row * 10 + $0) } }
            #expect(batch.tensor("history.values")?.integers == values)
            let ends = lengths.reduce(into: [Int32(0)]) { $0.append(($0.last ?? 0) + Int32($1)) }
            #expect(batch.tensor("history.offsets")?.integers == ends)
            #expect(batch.sizes[.batch] == rows.count)
            #expect(batch.sizes[SizeSymbol("N.history")] == values.count)
            batches.append(rows)
        }
        #expect(try loader.next() == nil)
        return batches
    }

    func loader(
        _ rowCount: Int,
        _ batchSize: Int,
        key: RandomKey? = nil,
        shuffle: ShuffleOptions = ShuffleOptions(),
        drops: Bool = false,
        scenarios: Int = 0,
        rows: BatchRows = .all
    ) throws -> BatchLoader {
        try BatchLoader(
            try Self.dataset(rowCount),
            options: BatchLoaderOptions(
                batchSize: batchSize,
                shuffleKey: key,
                shuffle: shuffle,
                dropsLastBatch: drops,
                scenarioColumn: scenarios > 0 ? "scenario" : nil,
                scenarioCount: scenarios,
                rows: rows
            )
        )
    }

    @Test func inputsNameTheirShapes() throws {
        let loader = try loader(10, 4, scenarios: 3)
        #expect(
            loader.inputs.map { "\($0.name) \($0.dtype) \($0.shape)" } == [
                "id int32 [B]", "vector float32 [B, 2]", "history.values int32 [N.history]",
                "history.offsets int32 [B+1]", "scenario int32 [B]", "label float32 [B, 1]",
                "tokens int32 [B, 3]",
                "pixels float32 [B, 40]",
                "scenario_offsets int32 [5]",
            ]
        )
        #expect(loader.symbols.map(\.name) == ["B", "N.history"])
    }

    @Test(arguments: [(10, 4), (8, 4), (3, 4), (1, 1), (0, 4), (1000, 7)])
    func inSequenceEveryRowComesOnce(rowCount: Int, batchSize: Int) throws {
        let loader = try loader(rowCount, batchSize)
        let batches = try batches(loader)
        #expect(batches.flatMap { $0 } == Array(0..<rowCount))
        #expect(batches.count == loader.stepCount)
        #expect(batches.dropLast().allSatisfy { $0.count == batchSize })
        #expect(loader.rowCount == rowCount)
    }

    @Test func aShortLastBatchCanBeDropped() throws {
        let loader = try loader(10, 4, drops: true)
        #expect(try batches(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]])
        #expect(loader.rowCount == 8)
    }

    /// Sizes around the borders of blocks of 16 and windows of 64 rows.
    @Test(arguments: [1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 500], [7, 64, 100])
    func shuffledEveryRowComesOnce(rowCount: Int, batchSize: Int) throws {
        let loader = try loader(
            rowCount,
            batchSize,
            key: RandomKey(seed: 3),
            shuffle: ShuffleOptions(blockRows: 16, windowBlocks: 4)
        )
        for epoch in 0..<2 {
            #expect(
                try batches(loader, epoch: epoch).flatMap { $0 }.sorted() == Array(0..<rowCount)
            )
        }
    }

    @Test func epochsAndKeysDifferAndRepeat() throws {
        func rows(_ seed: UInt64, _ epoch: Int) throws -> [Int] {
            try batches(try loader(300, 32, key: RandomKey(seed: seed)), epoch: epoch).flatMap {
                $0
            }
        }
        let first = try rows(1, 0)
        #expect(first == (try rows(1, 0)))
        #expect(first != (try rows(1, 1)))
        #expect(first != (try rows(2, 0)))
        #expect(first != first.sorted())
    }

    @Test(arguments: [nil, RandomKey(seed: 5)])
    func anEpochResumesAtAnyStep(key: RandomKey?) throws {
        let shuffle = ShuffleOptions(blockRows: 8, windowBlocks: 3)
        let loader = try loader(203, 10, key: key, shuffle: shuffle, scenarios: 3)
        let whole = try batches(loader, epoch: 4)
        for step in [0, 1, 2, 5, 13, 20, 21, 99] {
            #expect(try batches(loader, epoch: 4, step: step) == Array(whole.dropFirst(step)))
        }
    }

    @Test func anEpochMayBeLeftAtAnyTime() throws {
        let loader = try loader(1000, 10, key: RandomKey(seed: 5))
        let expected = try batches(loader, epoch: 7)
        for taken in 0..<8 {
            loader.start(epoch: taken)
            for _ in 0..<taken { _ = try loader.next() }
            #expect(try batches(loader, epoch: 7) == expected)
        }
    }

    /// Where a row goes must not depend on where it came from.
    ///
    /// Over many epochs each row's mean place is then the middle. The place of a row is uniform on `0 ..< 256`, so the mean of 400 has a standard
    /// deviation of 3.7; five of them allow for 256 rows.
    @Test func everyRowMayComeAnywhere() throws {
        let count = 256
        let order = RowOrder(
            rowCount: count,
            selection: .all,
            key: RandomKey(seed: 9),
            options: ShuffleOptions(blockRows: 16, windowBlocks: 4)
        )
        var sums = [Double](repeating: 0, count: count)
        var rows = [Int64](repeating: 0, count: count)
        let epochs = 400
        for epoch in 0..<epochs {
            order.start(epoch: epoch, position: 0)
            rows.withUnsafeMutableBufferPointer { buffer in
                if let start = buffer.baseAddress {
                    #expect(order.take(count, into: start).count == count)
                }
            }
            for (place, row) in rows.enumerated() { sums[Int(row)] += Double(place) }
        }
        let worst = sums.map { abs($0 / Double(epochs) - Double(count - 1) / 2) }.max() ?? .infinity
        #expect(worst < 5 * 3.7, "farthest mean place from the middle: \(worst)")
    }

    @Test func rowsAreGroupedByScenario() throws {
        let loader = try loader(100, 16, key: RandomKey(seed: 1), scenarios: 3)
        let plain = try batches(try self.loader(100, 16, key: RandomKey(seed: 1)))
        loader.start(epoch: 0)
        var step = 0
        while let batch = try loader.next() {
            let rows = batch.rows.map(Int.init)
            let offsets = try #require(batch.tensor("scenario_offsets")?.integers).map(Int.init)
            #expect(offsets.count == 5)
            #expect(offsets.first == 0)
            #expect(offsets.last == rows.count)
            // Row r is of scenario r % 4 - 1, and -1 is unknown, which goes last.
            for group in 0..<4 {
                let expected = plain[step].filter { ($0 + 3) % 4 == group }
                #expect(Array(rows[offsets[group]..<offsets[group + 1]]) == expected)
            }
            step += 1
        }
        #expect(step == plain.count)
    }

    @Test(arguments: [nil, RandomKey(seed: 5)])
    func onlyTheSelectedRowsCome(key: RandomKey?) throws {
        let shuffle = ShuffleOptions(blockRows: 4, windowBlocks: 2)
        let range = try loader(100, 8, key: key, shuffle: shuffle, rows: .range(20..<61))
        #expect(try batches(range).flatMap { $0 }.sorted() == Array(20..<61))
        let chosen = [5, 3, 99, 50, 51, 52, 7, 0, 20]
        let indices = try loader(100, 4, key: key, shuffle: shuffle, rows: .indices(chosen))
        let rows = try batches(indices).flatMap { $0 }
        #expect(rows.sorted() == chosen.sorted())
        if key == nil { #expect(rows == chosen) }
    }

    @Test func nothingComesBeforeTheStart() throws {
        let loader = try loader(10, 4)
        #expect(try loader.next() == nil)
    }

    @Test func loadersComeAndGoWhileBatchesAreMade() throws {
        let dataset = try Self.dataset(5000)
        for index in 0..<50 {
            let loader = try BatchLoader(
                dataset,
                options: BatchLoaderOptions(
                    batchSize: 64,
                    shuffleKey: RandomKey(seed: UInt64(index))
                )
            )
            loader.start(epoch: 0)
            for _ in 0..<(index % 5) { #expect(try loader.next() != nil) }
        }
    }

    @Test func damagedOffsetsAreAnErrorOfTheConsumer() throws {
        let folder = try TemporaryFolder()
        let writer = try PreparedDatasetWriter(
            path: folder.path + "/data",
            columns: [PreparedColumn(name: "items", kind: .ragged)],
            contentKey: ""
        )
        try [Int32](0..<40).withUnsafeBufferPointer { values in
            try (0...20).map { Int32($0 * 2) }.withUnsafeBufferPointer {
                try writer.append(values, offsets: $0, to: 0)
            }
        }
        _ = try writer.finish()
        let file = URL(fileURLWithPath: folder.path + "/data/0_items.offsets")
        var bytes = try Data(contentsOf: file)
        bytes[8 * 15 + 3] = 0x7F
        try bytes.write(to: file)
        let loader = try BatchLoader(
            try PreparedDataset(path: folder.path + "/data"),
            options: BatchLoaderOptions(batchSize: 5)
        )
        loader.start(epoch: 0)
        #expect(try loader.next()?.rowCount == 5)
        #expect(try loader.next()?.rowCount == 5)
        let error = #expect(throws: TableError.self) {
            while try loader.next() != nil {}
        }
        #expect(
            error?.description
                == "prepared data, column \"items\": offsets do not fit the values; expected rows of "
                + "at most 2 values. Prepare the data again."
        )
        loader.start(epoch: 0)
        #expect(try loader.next()?.rowCount == 5)
    }

    @Test func optionsAreChecked() throws {
        let dataset = try Self.dataset(10)
        func message(_ options: BatchLoaderOptions, columns: [String]? = nil) -> String? {
            do {
                _ = try BatchLoader(dataset, columns: columns, options: options)
                return nil
            } catch { return "\(error)" }
        }
        #expect(
            message(BatchLoaderOptions(batchSize: 0))
                == "batch loader: 'batchSize' is out of range; expected at least 1; received 0."
        )
        #expect(
            message(BatchLoaderOptions(batchSize: 1, rows: .range(5..<11)))
                == "batch loader: 'rows' is out of range; expected rows within 0..<10; received 5..<11."
        )
        #expect(
            message(BatchLoaderOptions(batchSize: 1, rows: .indices([1, 10])))
                == "batch loader: 'rows' is out of range; expected rows within 0..<10; received 10."
        )
        #expect(
            message(BatchLoaderOptions(batchSize: 1), columns: ["lable"])
                == "prepared data, column \"lable\": no such column; expected one of id, vector, "
                + "history, scenario, label, tokens, pixels. Did you mean `label`?"
        )
        #expect(
            message(BatchLoaderOptions(batchSize: 1, scenarioColumn: "label", scenarioCount: 2))
                == "batch loader: 'scenarioColumn' is out of range; expected an integer column; "
                + "received float32(width: 1)."
        )
    }
}
