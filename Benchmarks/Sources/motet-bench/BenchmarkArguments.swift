/// A mistake in how the program was called, or an environment it cannot measure in.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The words of the command line: a command, what it is about, and options with and without values.
struct BenchmarkArguments {
    static let usage = """
        expected one of
          train WORKLOAD [--epochs N] [--dense-tables] [--data FOLDER]   rows/s end to end
          step WORKLOAD [--steps N] [--dense-tables]                     rows/s of bare steps
          aggregation WORKLOAD [--steps N] [--rounds N]   steps that combine the gradients of four tasks
          allocations WORKLOAD [--steps N]       heap allocations a step, under scripts/allocations.sh
          write WORKLOAD --data FOLDER [--rows N]                        prepared data on disk
          limits                                 matrix products and memory of this machine
          encode FOLDER [--seconds N] [--ids FILE] [--positions N]       texts/s of an encoder
          lengths FILE [--epochs N]              fits with and without length buckets
          scenarios [--steps N]                  a step for ten scenarios beside one for one
          sequences [--steps N] [--rounds N]     steps that read lists step by step beside one that pools them
          looks WORKLOAD [--rounds N]            epochs in which gradients are looked at beside some without
          serve [--rows N] [--rounds N]          a request of one user, whose part is computed once or in every row
          prepare FILE                           preparing a CSV file of Benchmarks/Data
        """
    private static let flags = ["--dense-tables"]
    private static let valued = [
        "--epochs", "--steps", "--data", "--rows", "--seconds", "--ids", "--positions",
        "--rounds",
    ]

    let command: String
    let subject: String?
    private var options: [String: String] = [:]

    init(_ words: [String]) throws(BenchmarkError) {
        var rest = words[...]
        command = rest.popFirst() ?? ""
        if let next = rest.first, !next.hasPrefix("--") {
            subject = next
            rest.removeFirst()
        } else {
            subject = nil
        }
        while let word = rest.popFirst() {
            if Self.flags.contains(word) {
                options[word] = ""
            } else if Self.valued.contains(word), let value = rest.popFirst() {
                options[word] = value
            } else {
                throw BenchmarkError(
                    "`\(word)`: no such option, or its value is missing; \(Self.usage)"
                )
            }
        }
    }

    func has(_ flag: String) -> Bool { options[flag] != nil }

    func text(_ option: String) -> String? { options[option] }

    func number(_ option: String, default value: Int) throws(BenchmarkError) -> Int {
        guard let text = options[option] else { return value }
        guard let number = Int(text), number > 0 else {
            throw BenchmarkError(
                "`\(option)`: expected a whole number above 0; received `\(text)`."
            )
        }
        return number
    }

    func workload() throws(BenchmarkError) -> Workload {
        guard let workload = Workload.all.first(where: { $0.name == subject }) else {
            let known = Workload.all.map(\.name).joined(separator: ", ")
            throw BenchmarkError(
                "workload: expected one of \(known); received `\(subject ?? "")`."
            )
        }
        return workload
    }

    func path() throws(BenchmarkError) -> String {
        guard let subject else {
            throw BenchmarkError("expected the path of a file; received none.")
        }
        return subject
    }
}
