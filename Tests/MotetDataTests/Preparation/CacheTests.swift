import Foundation
import Testing

@testable import MotetData

@Suite("The cache of prepared data") struct CacheTests {
    private let schema = Schema(features: [
        FeatureSpecification("c", kind: .categorical),
        FeatureSpecification("x", kind: .numeric, transforms: [.standardise]),
    ])
    private let text = "c,x\na,1\nb,2\na,3\n"

    @Test func theSameFilesAndSchemaAreFoundAgain() throws {
        let harness = try PreparationHarness()
        let first = try harness.prepare(schema, text, validation: text)
        let second = try harness.prepare(schema, text, validation: text)
        #expect(!first.cameFromCache)
        #expect(second.cameFromCache)
        #expect(second.fitted == first.fitted)
        #expect(second.report == first.report)
        #expect(second.folder == first.folder)
        #expect(try second.training.integers("c") == [1, 2, 1])
        #expect(second.validation?.rowCount == 3)
    }

    @Test func anEditedByteOfASourceIsSeen() throws {
        let harness = try PreparationHarness()
        let first = try harness.prepare(schema, text)
        let second = try harness.prepare(schema, "c,x\na,1\nb,2\na,4\n")
        #expect(!second.cameFromCache)
        #expect(second.folder != first.folder)
        #expect(try second.training.floats("numeric") != first.training.floats("numeric"))
        #expect(try harness.prepare(schema, text).cameFromCache)
    }

    /// Even where size and time of the file are as before.
    @Test func anEditThatKeepsSizeAndTimeIsSeen() throws {
        let harness = try PreparationHarness()
        let path = try harness.folder.write("train.csv", text)
        let preparer = Preparer(schema: schema, cacheFolder: harness.cache)
        let sources = DataSources(training: TableSource(path))
        _ = try preparer.prepare(sources)
        let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 6)
        try handle.write(contentsOf: Data("9".utf8))
        try handle.close()
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(time)],
            ofItemAtPath: path
        )
        let again = try preparer.prepare(sources)
        #expect(!again.cameFromCache)
        #expect(again.report.parts[0].read == 3)
    }

    @Test func anotherSchemaIsPreparedAnew() throws {
        let harness = try PreparationHarness()
        _ = try harness.prepare(schema, text)
        var other = schema
        other.features[1].transforms = [.minMax]
        #expect(try !harness.prepare(other, text).cameFromCache)
    }

    @Test func otherReadingOptionsArePreparedAnew() throws {
        let harness = try PreparationHarness()
        let path = try harness.folder.write("train.csv", text)
        let preparer = Preparer(schema: schema, cacheFolder: harness.cache)
        _ = try preparer.prepare(DataSources(training: TableSource(path)))
        var source = TableSource(path)
        source.csv.nullSpellings = ["a"]
        let other = try preparer.prepare(DataSources(training: source))
        #expect(!other.cameFromCache)
        #expect(try other.training.integers("c") == [2, 1, 2])
    }

    @Test(arguments: [
        "training/manifest.json", "training/0_c.i32", "fitted/fitted.json",
        "fitted/vocabularies/c.txt", "complete.json",
    ])
    func aDamagedCacheIsMadeAgain(file: String) throws {
        for damage in ["cut", "edited", "removed"] {
            let harness = try PreparationHarness()
            let first = try harness.prepare(schema, text)
            let url = URL(fileURLWithPath: first.folder + "/" + file)
            var data = try Data(contentsOf: url)
            switch damage {
            case "cut": try data.dropLast(1).write(to: url)
            case "edited":
                data[data.startIndex] ^= 1
                try data.write(to: url)
            default: try FileManager.default.removeItem(at: url)
            }
            let second = try harness.prepare(schema, text)
            #expect(!second.cameFromCache, "\(file) \(damage)")
            #expect(try second.training.integers("c") == [1, 2, 1])
            #expect(try harness.prepare(schema, text).cameFromCache)
        }
    }

    @Test func progressReachesAllRows() throws {
        let harness = try PreparationHarness()
        let path = try harness.folder.write("train.csv", text)
        var told: [PreparationProgress] = []
        _ = try Preparer(schema: schema, cacheFolder: harness.cache)
            .prepare(DataSources(training: TableSource(path))) { told.append($0) }
        #expect(told.last { $0.phase == .reading }?.rows == 3)
        #expect(told.last { $0.phase == .encoding }?.rows == 3)
    }

    @Test func fingerprintsOfYoungFilesAreNotTrusted() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("file", "content")
        var fingerprint = try FileFingerprint(path: path)
        let status = try #require(FileFingerprint.Status(path: path))
        #expect(!fingerprint.holds(for: status))
        fingerprint.taken += 10
        #expect(fingerprint.holds(for: status))
        _ = try folder.write("file", "Content")
        #expect(!fingerprint.holds(for: try #require(FileFingerprint.Status(path: path))))
    }
}
