import MotetCore
import Testing

@testable import MotetData

@Suite("Length buckets") struct LengthBucketTests {
    static let width = 8
    static let buckets = LengthBuckets([2, 5, 8], columns: ["tokens", "label/tag", "vectors"])

    /// Row `r` has `r % 9` tokens; the one but last of longer rows is 0, which is no padding there.
    static func token(_ row: Int, _ step: Int) -> Int32 {
        let length = row % (width + 1)
        guard step < length else { return 0 }
        return length > 2 && step == length - 2 ? 0 : Int32(row * 10 + step + 1)
    }

    static func dataset(_ rowCount: Int) throws -> PreparedDataset {
        let cells = (0..<rowCount).flatMap { row in (0..<width).map { (row, $0) } }
        return try PreparedDataset(inMemory: [
            "id": .integers((0..<rowCount).map(Int32.init)),
            "tokens": .integers(cells.map { token($0.0, $0.1) }, width: width),
            "label/tag": .floats(cells.map { Float($0.0 * 100 + $0.1) }, width: width),
            "vectors": .floats(
                cells.flatMap { [Float($0.0 * 100 + $0.1), -Float($0.1)] },
                width: 2 * width
            ),
            "whole": .floats(cells.map { Float($0.0 * 100 + $0.1) }, width: width),
        ])
    }

    private func loader(
        _ rowCount: Int,
        key: RandomKey? = RandomKey(seed: 7),
        buckets: LengthBuckets = LengthBucketTests.buckets,
        drops: Bool = false
    ) throws -> BatchLoader {
        try BatchLoader(
            try Self.dataset(rowCount),
            options: BatchLoaderOptions(
                batchSize: 16,
                shuffleKey: key,
                dropsLastBatch: drops,
                lengthBuckets: buckets
            )
        )
    }

    /// The bucket and the rows of every batch, after checking that all values belong to them.
    private func batches(
        _ loader: BatchLoader,
        epoch: Int = 0,
        step: Int = 0
    ) throws -> [(bucket: Int, rows: [Int])] {
        loader.start(epoch: epoch, step: step)
        var batches: [(bucket: Int, rows: [Int])] = []
        while let batch = try loader.next() {
            let rows = batch.rows.map(Int.init)
            let steps = Self.buckets.lengths[batch.bucket]
            let cells = rows.flatMap { row in (0..<steps).map { (row, $0) } }
            #expect(batch.step == step + batches.count)
            #expect(batch.inputs == loader.bucketInputs[batch.bucket])
            #expect(batch.tensor("tokens")?.shape == [rows.count, steps])
            #expect(batch.tensor("tokens")?.integers == cells.map { Self.token($0.0, $0.1) })
            #expect(
                batch.tensor("label/tag")?.floats == cells.map { Float($0.0 * 100 + $0.1) }
            )
            #expect(
                batch.tensor("vectors")?.floats
                    == cells.flatMap { [Float($0.0 * 100 + $0.1), -Float($0.1)] }
            )
            #expect(batch.tensor("id")?.integers == rows.map(Int32.init))
            #expect(batch.tensor("whole")?.shape == [rows.count, Self.width])
            #expect(batch.count(1) == rows.count * steps)
            batches.append((batch.bucket, rows))
        }
        return batches
    }

    @Test(arguments: [RandomKey(seed: 7), nil])
    func everyRowComesOnceAndInItsBucket(key: RandomKey?) throws {
        let loader = try loader(200, key: key)
        let batches = try batches(loader)
        #expect(batches.flatMap(\.rows).sorted() == Array(0..<200))
        #expect(batches.count == loader.stepCount)
        #expect(loader.rowCount == 200)
        for batch in batches {
            let shortest = batch.bucket == 0 ? 0 : Self.buckets.lengths[batch.bucket - 1] + 1
            let range = shortest...Self.buckets.lengths[batch.bucket]
            #expect(batch.rows.allSatisfy { range.contains($0 % 9) })
        }
        let counted = try Self.buckets.batchCount(of: Self.dataset(200), batchSize: 16)
        #expect(counted == loader.stepCount)
    }

    @Test func bucketsAreShuffledAndEpochsDiffer() throws {
        let loader = try loader(400)
        let first = try batches(loader)
        let again = try batches(loader)
        let second = try batches(loader, epoch: 1)
        #expect(first.map(\.rows) == again.map(\.rows))
        #expect(first.map(\.rows) != second.map(\.rows))
        #expect(first.map(\.bucket) != second.map(\.bucket))
        #expect(first.map(\.bucket) != first.map(\.bucket).sorted())
    }

    @Test(arguments: [0, 1, 5, 11, 12, 20])
    func anEpochGoesOnFromAnyBatch(step: Int) throws {
        let loader = try loader(200)
        let whole = try batches(loader, epoch: 3)
        let rest = try batches(loader, epoch: 3, step: step)
        #expect(rest.map(\.rows) == whole.dropFirst(step).map(\.rows))
    }

    @Test func shortBatchesOfEveryBucketCanBeLeftOut() throws {
        let loader = try loader(200, drops: true)
        let batches = try batches(loader)
        #expect(batches.allSatisfy { $0.rows.count == 16 })
        #expect(loader.rowCount == batches.count * 16)
    }

    @Test(arguments: [
        (LengthBuckets([], columns: ["tokens"]), "expected 1 to 16 ascending numbers"),
        (LengthBuckets([5, 2, 8], columns: ["tokens"]), "received [5, 2, 8]"),
        (LengthBuckets([0, 8], columns: ["tokens"]), "ascending numbers from 1"),
        (LengthBuckets([2, 4], columns: ["tokens"]), "expected the last length, 4"),
        (LengthBuckets([2, 8], columns: ["label/tag"]), "names no column of ids"),
        (LengthBuckets([2, 8], columns: ["tokens", "id"]), "\"id\": the width does not fit"),
    ])
    func bucketsThatDoNotFitAreRefused(buckets: LengthBuckets, part: String) {
        let error = #expect(throws: TableError.self) { _ = try loader(40, buckets: buckets) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
}
