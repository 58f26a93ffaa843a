import ExampleSupport
import Motet
import Testing

@Suite("ExampleOptions") struct ExampleOptionsTests {
    @Test func nothingMeansThreeSeedsAndAFetch() throws {
        #expect(try ExampleOptions(arguments: []) == ExampleOptions())
        #expect(ExampleOptions().seeds == [0, 1, 2])
        #expect(ExampleOptions().folder == nil)
    }

    @Test func argumentsAreRead() throws {
        let options = try ExampleOptions(
            arguments: ["--encoder", "--from", "shop", "--seeds", "2"],
            switches: ["--encoder"]
        )
        #expect(options == ExampleOptions(folder: "shop", seeds: [0, 1], switches: ["--encoder"]))
    }

    @Test(arguments: [
        (["--from"], "--from: no folder; expected the folder of the data."),
        (["--seeds", "many"], "--seeds: expected how many seeds, 1 to 100."),
        (["--seeds", "0"], "--seeds: expected how many seeds, 1 to 100."),
        (["--form", "x"], "arguments: expected --from FOLDER, --seeds N; received --form."),
    ])
    func mistakesAreSentences(arguments: [String], sentence: String) {
        let error = #expect(throws: ExampleError.self) { try ExampleOptions(arguments: arguments) }
        #expect(error?.description == sentence)
    }

    @Test func aFolderWithoutTheFilesIsNamed() {
        let error = #expect(throws: DatasetError.self) {
            try ExampleData.files(AdultRecipe(), ExampleOptions(folder: "/nowhere"))
        }
        #expect(error?.description.contains("/nowhere") == true)
    }
}
