import Foundation
import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTestSupport
import Testing

@testable import MotetTraining

@Suite("Fits in length buckets") struct LengthBucketFitTests {
    private static let width = 12
    private static let buckets = LengthBuckets([3, 7, 12], columns: ["tokens", "label/tag"])

    /// Sentences of 1 to 12 tokens 1...8: a tag says whether a token is even, the class whether the sentence
    /// has more even tokens than odd ones.
    private static func data(rows: Int, seed: UInt64) throws -> PreparedDataset {
        var random = RandomKey(seed: seed).generator()
        var (tokens, tags, classes): ([Int32], [Float], [Float]) = ([], [], [])
        for _ in 0..<rows {
            let own = (0..<Int.random(in: 1...width, using: &random)).map { _ in
                Int32.random(in: 1...8, using: &random)
            }
            let padding = width - own.count
            tokens += own + [Int32](repeating: 0, count: padding)
            tags += own.map { $0.isMultiple(of: 2) ? 1 : 0 }
            tags += [Float](repeating: 0, count: padding)
            let even = own.count { $0.isMultiple(of: 2) }
            classes.append(2 * even > own.count ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "tokens": .integers(tokens, width: width), "label/tag": .floats(tags, width: width),
            "label/even": .floats(classes),
        ])
    }

    private static func trainer(
        _ optimizer: Optimizer = .adam(learningRate: 0.01),
        backend: any Backend = OneDNNBackend()
    ) throws -> Trainer {
        let tokens = try Input("tokens", shape: [width], dtype: .int32)
        let embedded = try Embedding(vocabularySize: 9, dimension: 8, masksZero: true)(tokens)
        let encoded = try Bidirectional(LSTM(6, returnsSequences: true))(embedded)
        let attended = try MultiHeadAttention(heads: 2)(encoded)
        let model = try Model(
            inputs: [tokens],
            outputs: [
                "tag": TimeDistributed(Dense(2))(attended),
                "even": Dense(1)(GlobalAveragePooling1D()(encoded)),
            ]
        )
        return try Trainer(
            model,
            optimizer: optimizer,
            tasks: [
                NamedTask("tag", .multiclass(metrics: [.accuracy])),
                NamedTask("even", .binary()),
            ],
            seed: 5,
            backend: backend
        )
    }

    /// Steps on batches cut to their buckets equal steps on the same rows at the full width, up to the order
    /// in which a product adds: with plain SGD, which does not magnify what is nearly 0 as Adam does.
    @Test func stepsEqualThoseOnWholeRows() throws {
        let data = try Self.data(rows: 300, seed: 1)
        let (cut, whole) = (
            try Self.trainer(.sgd(learningRate: 0.5)), try Self.trainer(.sgd(learningRate: 0.5))
        )
        let memory = WorkingMemory()
        func session(_ trainer: Trainer, _ steps: [String: Int]) throws -> TrainingSession {
            let part = TrainingProgram.Part(tasks: [0, 1])
            let program = try trainer.program(part, counters: nil, steps: steps)
            return try TrainingSession(
                program,
                of: trainer,
                capacity: [.batch: 32],
                memory: memory
            )
        }
        let short = try Self.buckets.lengths.map { try session(cut, ["tokens": $0]) }
        let full = try session(whole, [:])
        let loader = try cut.loader(
            data,
            batchSize: 32,
            key: RandomKey(seed: 9),
            lengthBuckets: Self.buckets
        )
        loader.start(epoch: 0)
        var (step, updates, seen) = (0, [Int](), Set<Int>())
        while let batch = try loader.next() {
            step += 1
            seen.insert(batch.bucket)
            let losses = (0..<2).map { _ in EpochLosses(["tag", "even"]) }
            let own = short[batch.bucket]
            try own.run(
                batch,
                own.binding(loader, bucket: batch.bucket),
                step: step,
                learningRate: 0.5,
                updates: &updates,
                losses: losses[0]
            )
            let rows = BatchRows.indices(batch.rows.map(Int.init))
            let other = try whole.loader(data, batchSize: 32, key: nil, rows: rows)
            other.start(epoch: 0)
            let wide = try #require(try other.next())
            try full.run(
                wide,
                full.binding(other),
                step: step,
                learningRate: 0.5,
                updates: &updates,
                losses: losses[1]
            )
            for (short, long) in zip(losses[0].means, losses[1].means) {
                let (short, long) = (short ?? 0, long ?? 1)
                #expect(abs(short - long) < 1e-6 * max(1, abs(long)), "\(short), \(long)")
            }
        }
        #expect(seen == [0, 1, 2] && step >= 10)
        for parameter in cut.model.parameters {
            let comparison = Comparison(
                parameter.name,
                received: try #require(cut.parameters[parameter.name]),
                expected: try #require(whole.parameters[parameter.name]),
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-5)
            )
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    private static func options(_ folder: CheckpointFolder? = nil) throws -> FitOptions {
        var options = FitOptions(epochs: 3, batchSize: 32)
        options.lengthBuckets = buckets
        options.checkpoints = folder
        return options
    }

    @Test func bothTasksAreLearnt() throws {
        let trainer = try Self.trainer()
        var options = try Self.options()
        options.epochs = 10
        options.validation = try Self.data(rows: 200, seed: 3)
        var rows = 0
        options.onStep = { rows = $0.rows }
        let train = try Self.data(rows: 400, seed: 2)
        let history = try trainer.fit(train, options: options)
        #expect(history.epochs.count == 10 && rows == 400)
        let report = try #require(history.epochs.last?.validation)
        let accuracy = report.value(MetricSelector(.accuracy, task: "tag")).value ?? 0
        let auc = report.value(MetricSelector(.auc, task: "even")).value ?? 0
        #expect(accuracy > 0.99 && auc > 0.95, "accuracy \(accuracy), AUC \(auc)")
    }

    @Test(arguments: [1, 6, 14, 20])
    func aResumedFitEqualsTheUninterruptedOne(stopAfter: Int) throws {
        let train = try Self.data(rows: 300, seed: 1)
        let folders = (0..<2).map { _ in
            CheckpointFolder(
                path: FileManager.default.temporaryDirectory
                    .appendingPathComponent("motet-\(UUID().uuidString)").path
            )
        }
        defer { for folder in folders { try? FileManager.default.removeItem(atPath: folder.path) } }
        let whole = try Self.trainer()
        let history = try whole.fit(train, options: Self.options(folders[0]))
        var interrupted = try Self.options(folders[1])
        var steps = 0
        interrupted.shouldStop = {
            steps += 1
            return steps == stopAfter
        }
        #expect(try Self.trainer().fit(train, options: interrupted).isInterrupted)
        var resumed = try Self.options(folders[1])
        resumed.resumes = true
        let second = try Self.trainer()
        let rest = try second.fit(train, options: resumed)
        #expect(second.parameters == whole.parameters)
        #expect(rest.epochs.map(\.losses) == history.epochs.map(\.losses))
    }

    /// Tasks in turn have a program for each length, and share the memory of the greatest.
    @Test func tasksInTurnAreCutToo() throws {
        let train = try Self.data(rows: 300, seed: 1)
        var parameters: [ParameterStore] = []
        for _ in 0..<2 {
            let trainer = try Self.trainer()
            var options = try Self.options()
            options.schedule = [
                .alternating(["tag", "even"], switchingEvery: .steps(2), rounds: 6)
            ]
            let history = try trainer.fit(train, options: options)
            // The last report may cover the turn of one task alone.
            let losses = try #require(history.epochs.first?.losses).map(\.value)
            #expect(losses.count == 2 && !losses.contains(nil))
            parameters.append(trainer.parameters)
        }
        #expect(parameters[0] == parameters[1])
    }

    @Test func aModelWhoseWeightsDependOnTheLengthIsRefused() throws {
        let tokens = try Input("tokens", shape: [Self.width], dtype: .int32)
        let embedded = try Embedding(vocabularySize: 9, dimension: 8)(tokens)
        let model = try Model(
            inputs: [tokens],
            outputs: ["even": Dense(1)(Flatten()(embedded))]
        )
        let trainer = try Trainer(
            model,
            optimizer: .sgd(learningRate: 0.1),
            tasks: [NamedTask("even", .binary())],
            seed: 1,
            backend: OneDNNBackend()
        )
        let error = #expect(throws: GraphError.self) {
            _ = try trainer.fit(Self.data(rows: 100, seed: 1), options: Self.options())
        }
        #expect(
            error?.message.contains("weights depend on the number of steps") == true,
            "\(String(describing: error))"
        )
    }

    @Test func columnsThatAreNotThereAreNamed() throws {
        var options = try Self.options()
        options.lengthBuckets = LengthBuckets([3, 12], columns: ["token"])
        let error = #expect(throws: TrainingError.self) {
            _ = try Self.trainer().fit(Self.data(rows: 100, seed: 1), options: options)
        }
        #expect(error?.message.contains("Did you mean `tokens`?") == true)
        options.lengthBuckets = LengthBuckets([3, 12], columns: ["label/tag"])
        let other = #expect(throws: TrainingError.self) {
            _ = try Self.trainer().fit(Self.data(rows: 100, seed: 1), options: options)
        }
        #expect(other?.message.contains("names no input of the model") == true)
    }
}
