import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN

/// `serve-500-engine`: the time of a request for one user and 500 items on the model of `aliccp-mmoe`, without a server.
///
/// The first 11 of the 23 fields are the user's and the context's, the same in all rows of a request. Two predictors
/// take turns: one computes every row as it comes, the other what is the user's once.
struct ServingBenchmark {
    private static let sharedFields = 11
    private static let requestCount = 32
    private let rows: Int
    private let rounds: Int

    init(_ arguments: BenchmarkArguments) throws {
        rows = try arguments.number("--rows", default: 500)
        rounds = try arguments.number("--rounds", default: 20)
    }

    func run() throws {
        guard let workload = Workload.all.first(where: { $0.name == "aliccp-mmoe" }) else { return }
        let model = try workload.model()
        let parameters = ParameterStore(model.parameters, key: RandomKey(seed: 1))
        let shared = Set((0..<Self.sharedFields).map { "field_\($0)" })
        let backend = OneDNNBackend(choices: KernelChoices(measures: true))
        let links = Dictionary(uniqueKeysWithValues: workload.tasks.map { ($0, Loss.Link.sigmoid) })
        for threads in [1, 2] {
            // Programs keep the threads they are compiled with, so each number has its own.
            OneDNNBackend.useThreads(threads)
            let predictors = try [Set<String>(), shared].map {
                try Predictor(
                    model,
                    parameters: parameters,
                    links: links,
                    requestInputs: $0,
                    backend: backend
                )
            }
            let requests = (0..<Self.requestCount).map { request($0, workload) }
            var milliseconds: [[Double]] = [[], []]
            var sums: [Double] = [0, 0]
            let clock = ContinuousClock()
            for round in 0...rounds {
                for (index, predictor) in predictors.enumerated() {
                    for request in requests {
                        let start = clock.now
                        try predictor.predict(
                            sizes: [.batch: rows],
                            bind: { request.pointer($0) },
                            read: { _, values in sums[index] += Double(values[values.count - 1]) }
                        )
                        // The first round compiles and warms up.
                        if round > 0 {
                            milliseconds[index].append(
                                1000 * start.duration(to: clock.now).seconds
                            )
                        }
                    }
                }
            }
            for (index, name) in ["every row", "user once"].enumerated() {
                let ordered = milliseconds[index].sorted()
                try printResult([
                    "workload": "serve-500-engine",
                    "system": "motet",
                    "variant": name,
                    "threads": threads,
                    "rows": rows,
                    "requests": ordered.count,
                    "request_inputs": predictors[index].requestInputs.count,
                    "median_milliseconds": ordered.median,
                    "p99_milliseconds": ordered[Int(0.99 * Double(ordered.count))],
                    "least_milliseconds": ordered.first ?? 0,
                    "ratio_to_every_row": ordered.median / milliseconds[0].median,
                    "mean_score": sums[index]
                        / Double(workload.tasks.count * requests.count * (rounds + 1)),
                ])
            }
        }
    }

    /// Ids of one user and many items; a predictor that is given one row reads the first.
    private func request(_ number: Int, _ workload: Workload) -> RequestIDs {
        let key = RandomKey(seed: 7).split(number)
        return RequestIDs(
            (0..<workload.fields).map { field in
                let stream = key.split(field)
                return (0..<rows).map { row in
                    let place = field < Self.sharedFields ? 0 : row
                    return Int32(stream.bits(place) % UInt64(workload.vocabularySize))
                }
            }
        )
    }
}

/// The ids of a request, where an executable can read them.
private final class RequestIDs {
    private let columns: [UnsafeMutablePointer<Int32>]

    init(_ ids: [[Int32]]) {
        columns = ids.map { column in
            let memory = UnsafeMutablePointer<Int32>.allocate(capacity: column.count)
            memory.initialize(from: column, count: column.count)
            return memory
        }
    }

    deinit { for column in columns { column.deallocate() } }

    func pointer(_ field: Int) -> UnsafeRawPointer { UnsafeRawPointer(columns[field]) }
}
