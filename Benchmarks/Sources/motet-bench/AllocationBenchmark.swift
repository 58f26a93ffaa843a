import Foundation
import MotetOptimizers
import MotetTraining

/// Heap allocations of training steps after warm-up, counted by the library that
/// scripts/allocations.sh loads before this program.
struct AllocationBenchmark {
    private let workload: Workload
    private let steps: Int

    init(_ arguments: BenchmarkArguments) throws {
        workload = try arguments.workload()
        steps = try arguments.number("--steps", default: 100)
    }

    func run() throws {
        let counter = try AllocationCounter()
        try counter.check()
        let warmUp = 20
        let rows = (warmUp + steps) * workload.batchSize
        let trainer = try workload.trainer(tables: .touchedRows)
        var (step, before, after) = (0, AllocationCounter.Counts(), AllocationCounter.Counts())
        try workload.withFiles(nil, rows: rows) { data in
            var options = FitOptions(epochs: 1, batchSize: workload.batchSize)
            options.onStep = { _ in
                step += 1
                if step == warmUp { before = counter.start() }
                if step == warmUp + steps { after = counter.stop() }
            }
            _ = try trainer.fit(data, options: options)
        }
        try printResult([
            "workload": workload.name,
            "steps": steps,
            "own_allocations": after.own - before.own,
            "library_allocations": after.library - before.library,
            "other_allocations": after.other - before.other,
        ])
    }
}

/// The functions of the counting library, found in the process.
struct AllocationCounter {
    struct Counts {
        var own = 0
        var library = 0
        var other = 0
    }

    private typealias Switch = @convention(c) (Int32) -> Void
    private typealias Read = @convention(c) (UnsafeMutablePointer<Int>) -> Void

    private let set: Switch
    private let read: Read

    init() throws {
        guard let process = dlopen(nil, RTLD_NOW),
            let set = dlsym(process, "motet_allocations_set"),
            let read = dlsym(process, "motet_allocations_read")
        else {
            throw BenchmarkError(
                "allocations: the counting library is not loaded; run scripts/allocations.sh."
            )
        }
        self.set = unsafeBitCast(set, to: Switch.self)
        self.read = unsafeBitCast(read, to: Read.self)
    }

    /// Starts counting; the counts so far.
    func start() -> Counts {
        let counts = self.counts
        set(1)
        return counts
    }

    /// Stops counting; the counts so far.
    func stop() -> Counts {
        set(0)
        return counts
    }

    /// Throws unless allocations of this program are seen and told apart.
    func check() throws {
        let wanted = 3
        let before = start()
        let memory = (0..<wanted).map { _ in
            UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 1)
        }
        let after = stop()
        for pointer in memory { pointer.deallocate() }
        // The array of pointers is one more.
        guard after.own - before.own >= wanted, after.library == before.library else {
            throw BenchmarkError(
                "allocations: the counting library misses allocations; expected \(wanted) of this "
                    + "program; received \(after.own - before.own)."
            )
        }
    }

    private var counts: Counts {
        var values = [0, 0, 0]
        values.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { read(base) }
        }
        return Counts(own: values[0], library: values[1], other: values[2])
    }
}
