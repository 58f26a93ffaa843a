import Foundation
import Motet
import Testing

@testable import MotetExperiments

/// Where candidates are written.
@Suite("Runs of candidates") struct CandidateRunTests {
    /// The state is gone and counts begin again, while the first step of the count before answers.
    @Test func theLiveRunIsNeverWrittenOver() throws {
        let place = try Workplace(rows: 300)
        let path = place.file("learned/step-000001")
        try place.train(to: "learned/step-000001")
        let live = try TrainedRun(path)
        let session = try ExperimentEngine.oneDNN.start(live.directory.recordedKernels(), false)
        let trainer = try Trainer(
            live.model,
            optimizer: .adam(learningRate: 0.001),
            tasks: live.experiment.namedTasks,
            seed: 1,
            backend: session.backend
        )
        trainer.parameters = live.parameters
        let before = try Data(contentsOf: URL(fileURLWithPath: live.directory.parametersFile))
        let error = #expect(throws: ExperimentError.self) {
            try CandidateRun(live, place.file("learned"), 1).write(trainer)
        }
        #expect(error?.description.contains("it is the live one") == true)
        let after = try Data(contentsOf: URL(fileURLWithPath: live.directory.parametersFile))
        #expect(after == before)
        // Any other folder is written whole, over what an interrupted step may have left there.
        for _ in 0..<2 {
            let candidate = try CandidateRun(live, place.file("learned"), 2).write(trainer)
            #expect(try TrainedRun(candidate).parameters.names == live.parameters.names)
        }
    }
}
