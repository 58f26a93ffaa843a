import Foundation
import Motet
import Testing

@testable import MotetExperiments

@Suite("Feature reference of a run") struct FeatureReferenceTests {
    @Test func itIsTheSpreadOfTheTrainingRowsAsTheModelReadsThem() throws {
        let place = try Workplace()
        _ = try place.train()
        let run = RunDirectory(place.file("run"))
        let reference = try #require(try run.featureReference())
        let fitted = try run.fitted()
        #expect(reference.part == "training")
        #expect(reference.rows > 0 && reference.rows <= FeatureReference.mostRows)
        let numbers = reference.features.filter { $0.sample != nil }
        #expect(numbers.map(\.name) == fitted.numericNames)
        #expect(!reference.features.filter { $0.groups != nil }.isEmpty)
        for feature in reference.features {
            if let sample = feature.sample {
                #expect(sample.count == min(reference.rows, FeatureReference.sampleSize))
                #expect(zip(sample, sample.dropFirst()).allSatisfy { $0 <= $1 })
                // A sample is no further from itself than half a count in each group.
                let own = feature.drift(of: sample)
                #expect(try #require(own.stability) < 1e-4)
                #expect(own.test?.distance == 0)
                // One whose values all lie above is as far as can be.
                let most = (sample.last ?? 0) + 1
                let far = feature.drift(of: [Float](repeating: most, count: 300))
                #expect(far.test?.distance == 1)
                if Set(sample).count > 20 { #expect(try #require(far.stability) > 1) }
            }
            if let groups = feature.groups {
                #expect(groups.count <= FeatureReference.mostGroups)
                #expect(groups.map(\.share).reduce(0, +) <= 1 + 1e-9)
                #expect(zip(groups, groups.dropFirst()).allSatisfy { $0.share >= $1.share })
                let own = groups.flatMap { group in
                    [Float](
                        repeating: Float(group.id),
                        count: Int((group.share * 10_000).rounded())
                    )
                }
                if groups.map(\.share).reduce(0, +) > 0.999 {
                    #expect(try #require(feature.drift(of: own.sorted()).stability) < 1e-3)
                }
                let other = [Float](repeating: 1e6, count: 300)
                #expect(try #require(feature.drift(of: other).stability) > 0.25)
                #expect(feature.drift(of: other).test == nil)
            }
        }
    }

    @Test func idsThatTrainingDidNotHaveAreNoneOfTheOthers() throws {
        let half = FeatureReference.Feature(
            name: "brand",
            column: "brand",
            groups: [.init(id: 1, share: 0.5), .init(id: 2, share: 0.5)]
        )
        func index(_ feature: FeatureReference.Feature, _ ids: [Float: Int]) throws -> Double {
            let values = ids.flatMap { [Float](repeating: $0, count: $1) }.sorted()
            return try #require(feature.drift(of: values).stability)
        }
        // Half of all are of an id that was in no row, and none of the second.
        let lost = try index(half, [1: 300, 9: 300])
        #expect(lost > 0.25)
        // By hand: shares of 1, 2 and the rest, the last a thousandth, half a count more in each group.
        let expected = zip([0.5, 0.5, 0.001], [300.0, 0, 300]).reduce(0.0) { sum, pair in
            let (p, q) = (pair.0 / 1.001, (pair.1 + 0.5) / 601.5)
            return sum + (q - p) * log(q / p)
        }
        #expect(abs(lost - expected) < 1e-12)
        #expect(try index(half, [1: 270, 2: 270, 9: 60]) > 0.25)
        // A few of them, or few rows at all, are no drift.
        #expect(try index(half, [1: 300, 2: 297, 9: 3]) < 0.1)
        #expect(try index(half, [1: 25, 2: 25]) < 0.1)
        // Rare ids are taken together, with each other alone.
        let rare = FeatureReference.Feature(
            name: "brand",
            column: "brand",
            groups: [
                .init(id: 1, share: 0.98), .init(id: 2, share: 0.008), .init(id: 3, share: 0.007),
                .init(id: 4, share: 0.005),
            ]
        )
        #expect(try index(rare, [1: 980, 4: 20]) < 0.02)
        #expect(try index(rare, [1: 900, 9: 100]) > 0.25)
    }

    @Test func aThinnedSampleIsAsFarAsTheWholeOne() {
        var random = RandomKey(seed: 3).generator()
        let values = (0..<20_000).map { _ in Float(random.nextUniform() * random.nextUniform()) }
        let thinned = FeatureReference.quantiles(values)
        #expect(thinned.count == FeatureReference.sampleSize)
        let test = TwoSampleTest.compare(sorted: values.sorted(), thinned)
        // Ranks are half a thousandth off at most.
        #expect((test?.distance ?? 1) <= 0.5 / Double(FeatureReference.sampleSize) + 1e-9)
        #expect(FeatureReference.quantiles([3, .nan, 1]) == [1, 3])
    }

    @Test func damagedFilesAreTold() throws {
        let place = try Workplace(rows: 300)
        _ = try place.train()
        let run = RunDirectory(place.file("run"))
        let text = try String(contentsOfFile: run.featureReferenceFile, encoding: .utf8)
        for damaged in [String(text.dropLast(40)), text.replacing("\"share\"", with: "\"part\"")] {
            try damaged.write(toFile: run.featureReferenceFile, atomically: true, encoding: .utf8)
            let error = #expect(throws: ExperimentError.self) { try run.featureReference() }
            #expect(error?.code == .runInvalid)
        }
        try "{\"format\": 2}".write(
            toFile: run.featureReferenceFile,
            atomically: true,
            encoding: .utf8
        )
        #expect(try run.featureReference() == nil)
        try FileManager.default.removeItem(atPath: run.featureReferenceFile)
        #expect(try run.featureReference() == nil)
    }
}
