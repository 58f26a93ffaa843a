import Foundation
import MotetCore
import Testing

@testable import MotetData

@Suite("WNUT 2017") struct WNUT17Tests {
    private func folder(
        _ train: String,
        _ validation: String,
        _ test: String
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write("wnut17/wnut17train.conll", train)
        _ = try folder.write("wnut17/emerging.dev.conll", validation)
        _ = try folder.write("wnut17/emerging.test.annotated", test)
        return folder
    }

    @Test func theOfficialSplitIsKeptWithoutRepetitions() throws {
        let folder = try folder(
            "Ann\tB-person\n\nann\tO\n\nmy\tO\niPod\tB-product\n",
            "MY\tO\nipod\tO\n\nx\tO\n",
            "ANN\tB-person\n"
        )
        let corpus = try WNUT17(folder: folder.path)
        #expect(corpus.train.sentences.count == 3)
        let parts = corpus.parts
        #expect(parts.train.isEmpty)
        #expect(parts.validation.map(\.tokens) == [["MY", "ipod"], ["x"]])
        #expect(parts.test.map(\.tokens) == [["ANN"]])
        #expect(parts.repeated == 3)
    }

    @Test func theRecipeWritesWhatSentencesMention() throws {
        let folder = try folder(
            "Ann\tB-person\n'\tO\ns\tO\niPod\tI-product\n",
            "y\tO\n",
            "x\tB-creative-work\n"
        )
        let report = try WNUT17Recipe().prepare(from: folder.path, to: folder.path + "/out")
        #expect(report["tags repaired"] == 1)
        #expect(report["entities, product"] == 1)
        let table = try OriginalTable(
            TableSource(folder.path + "/out/train.parquet"),
            integers: ["mentions_person", "mentions_product", "mentions_creative_work"],
            texts: ["tokens", "tags"]
        )
        #expect(table.texts("tokens").text(0) == "Ann ' s iPod")
        #expect(table.texts("tags").text(0) == "B-person O O B-product")
        #expect(table.integers("mentions_product") == [1])
        #expect(table.integers("mentions_creative_work") == [0])
    }

    @Test func anUnknownTagNamesFileAndLine() throws {
        let folder = try folder("a\tO\nb\tB-persn\n", "y\tO\n", "x\tO\n")
        let error = #expect(throws: TextError.self) { try WNUT17(folder: folder.path) }
        #expect(error?.description.contains("wnut17train.conll:2") == true)
        #expect(error?.description.hasSuffix("Did you mean `B-person`?") == true)
    }
}
