import Foundation
import Motet
import Testing

/// Matrix products chosen by measuring, and replayed in reruns and resumed runs.
@Suite("Replay of kernels") struct KernelReplayTests {
    private func place() throws -> Workplace {
        let place = try Workplace(rows: 300)
        try place.replace("  threads: 1", "  threads: 1\n  kernels: measured")
        // Wide enough that kernels add up in different orders.
        try place.replace("expert_units: [8]", "expert_units: [300, 20]")
        return place
    }

    private func kernels(_ place: Workplace, _ run: String) throws -> [String: String] {
        let data = Data(try place.text(run + "/kernels.json").utf8)
        return try JSONDecoder().decode([String: String].self, from: data)
    }

    private func parameters(_ place: Workplace, _ run: String) -> Data? {
        FileManager.default.contents(atPath: place.file(run + "/parameters.safetensors"))
    }

    @Test func aRerunWithRecordedKernelsHasTheSameBits() throws {
        let place = try place()
        try place.train(to: "first")
        try place.train(to: "again") { $0.kernels = place.file("first/kernels.json") }
        #expect(try !kernels(place, "first").isEmpty)
        #expect(try kernels(place, "again") == kernels(place, "first"))
        #expect(parameters(place, "again") != nil)
        #expect(parameters(place, "again") == parameters(place, "first"))
    }

    /// What a file says is done, also where measuring would choose otherwise.
    @Test func recordedKernelsAreNotMeasuredAgain() throws {
        let place = try place()
        try place.train(to: "first")
        var results: [Data?] = []
        for kernel in ["plain", "sgemm"] {
            let forced = try kernels(place, "first").mapValues { _ in kernel }
            let text = String(decoding: try JSONEncoder().encode(forced), as: UTF8.self)
            try place.write(kernel + ".json", text)
            try place.train(to: kernel) { $0.kernels = place.file(kernel + ".json") }
            #expect(try kernels(place, kernel) == forced)
            results.append(parameters(place, kernel))
        }
        // Otherwise the comparison of bits above could not fail.
        #expect(results[0] != results[1])
    }

    @Test(arguments: [2, 5])
    func aResumedRunReplaysWhatItMeasured(stopAfter steps: Int) throws {
        let place = try place()
        try place.train(to: "first")
        let stopping = Workplace.runner(stoppingAfter: steps)
        var request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("parts")
        )
        request.kernels = place.file("first/kernels.json")
        _ = try stopping.train(request)
        _ = try Workplace.runner.train(resuming: place.file("parts"))
        #expect(try kernels(place, "parts") == kernels(place, "first"))
        #expect(parameters(place, "parts") == parameters(place, "first"))
    }

    @Test func kernelsOfOtherShapesAreTold() throws {
        final class Listener: ExperimentObserver {
            var notes: [String] = []
            func note(_ text: String) { notes.append(text) }
            func preparing(_ progress: PreparationProgress) {}
            func stepped(_ progress: FitProgress) {}
            func epochEnded(_ record: EpochRecord) {}
        }
        let place = try place()
        try place.train(to: "first")
        try place.replace("batch_size: 128", "batch_size: 96")
        let listener = Listener()
        var request = TrainRequest(
            configuration: place.file("tiny.yaml"),
            output: place.file("other")
        )
        request.kernels = place.file("first/kernels.json")
        _ = try ExperimentRunner(engine: .oneDNN, observer: listener).train(request)
        #expect(listener.notes.contains { $0.contains("are not among them and were measured") })
    }

    @Test func anUnknownKernelIsASentenceAndLeavesNothing() throws {
        let place = try place()
        try place.write("kernels.json", #"{ "64x32x4 on 1 threads": "plainn" }"#)
        let message = sentence {
            try place.train { $0.kernels = place.file("kernels.json") }
        }
        #expect(message.contains("received `plainn`. Did you mean `plain`?"), "\(message)")
        #expect(!place.contents.contains("run"))
    }
}
