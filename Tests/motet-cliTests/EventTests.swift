import Foundation
import Motet
import MotetTestSupport
import Testing

@Suite("Event files of a run") struct EventTests {
    @Test func eventsForTensorBoardHoldEachStepOnceWhenResumed() throws {
        let shop = try Shop()
        try shop.replace("epochs: 1", "epochs: 300")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Program.binary())
        process.arguments = ["train", "shop.yaml", "--output", "run", "--tensorboard"]
        process.currentDirectoryURL = URL(fileURLWithPath: shop.path)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let folder = shop.file("run/tensorboard")
        func written() throws -> Int {
            try EventFolder.scalars(in: folder)["loss/click"]?.count ?? 0
        }
        for _ in 0..<6000 {
            if try written() >= 2 { break }
            usleep(10_000)
        }
        #expect(try written() >= 2)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        // The flag is not given again: the run goes on with what it began.
        #expect(try shop.motet("train", "run", "--resume").status == 0)
        let run = RunDirectory(shop.file("run"))
        let lines = try shop.text("run/history.jsonl").split(separator: "\n")
        let epochs = try lines.map {
            try JSONDecoder().decode(EpochRecord.self, from: Data($0.utf8))
        }
        let scalars = try EventFolder.scalars(in: run.eventFolder)
        #expect(epochs.count == 300)
        let losses = try #require(scalars["loss/click"])
        #expect(losses.map(\.step) == epochs.map(\.step))
        #expect(losses.map(\.value) == epochs.map { Float($0.losses[0].value ?? .nan) })
        #expect(scalars["validation/click/auc"]?.count == 300)
        #expect(scalars["validation/click/auc/home"] != nil)
        #expect(scalars["training/learning_rate"]?.first?.value == 0.01)
        let files = try FileManager.default.contentsOfDirectory(atPath: run.eventFolder)
        #expect(files.count == 2)
        guard Peers.hasTensorBoard else { return }
        let read = try Peers.scalars(run.eventFolder)
        #expect(read["loss/click"]?.map(\.step) == losses.map(\.step))
        #expect(read["loss/click"]?.map(\.value) == losses.map(\.value))
        #expect(Set(read.keys) == Set(scalars.keys))
    }

    @Test func noEventsAreWrittenUnlessAskedFor() throws {
        let shop = try Shop()
        try shop.train()
        #expect(!FileManager.default.fileExists(atPath: shop.file("run/tensorboard")))
        try shop.replace("  threads: 1", "  threads: 1\n  tensorboard: true")
        #expect(try shop.motet("train", "shop.yaml", "--output", "second").status == 0)
        #expect(FileManager.default.fileExists(atPath: shop.file("second/tensorboard")))
    }
}
