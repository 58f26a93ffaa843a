import Foundation
import Testing

/// Which modules the files of a target import.
struct TargetImports {
    /// The modules by target, those of the C library left out.
    let modules: [String: Set<String>]

    /// Reads all Swift files under a folder with a folder for each target.
    init(sources: URL) throws {
        var modules: [String: Set<String>] = [:]
        let targets = try FileManager.default.contentsOfDirectory(atPath: sources.path)
        for target in targets {
            let folder = sources.appendingPathComponent(target).path
            let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
            for file in files ?? [] where file.hasSuffix(".swift") {
                let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
                modules[target, default: []].formUnion(Self.imports(of: text))
            }
        }
        self.modules = modules
    }

    /// The modules a file imports.
    static func imports(of text: String) -> Set<String> {
        let found = text.split(separator: "\n").compactMap { line -> String? in
            // The pattern is slow, and most lines hold no such word.
            guard line.contains("import"),
                let match = line.firstMatch(
                    of:
                        /^ *(?:@\w+ +)*(?:(?:public|internal|package|private) +)?import +(?:\w+ +)?(\w+)/
                )
            else { return nil }
            return String(match.1)
        }
        return Set(found).subtracting(["Glibc", "Musl", "Darwin"])
    }

    /// The targets that import a module.
    func importers(of module: String) -> [String] {
        modules.filter { $0.value.contains(module) }.map(\.key).sorted()
    }
}

@Suite("Architecture") struct ArchitectureTests {
    let imports: TargetImports

    init() throws {
        imports = try TargetImports(
            sources: DocumentedExperiment.package.appendingPathComponent("Sources")
        )
    }

    /// The rows of the table of targets in docs/architecture.md: what each may import.
    private func documented() throws -> [String: Set<String>] {
        let page = try DocumentedExperiment.contents("docs/architecture.md")
        let part = try #require(
            page.components(separatedBy: "## Targets").last?.components(separatedBy: "## ").first
        )
        var rows: [String: Set<String>] = [:]
        for line in part.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let name = cells[0].trimmingCharacters(in: ["`"])
            rows[name] = Set(
                cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                    .map { Self.shortNames.contains($0) ? "Motet" + $0 : $0 }
            )
        }
        return rows
    }

    private static let shortNames: Set<String> = [
        "Core", "Graph", "Reference", "OneDNN", "NN", "Optimizers", "Metrics", "Data", "Encoders",
        "MultiTask", "Decisions", "Ranking", "Retrieval", "Candidates", "Recommenders", "Reports",
        "Simulation", "Training",
        "Configuration", "Forecasting",
        "Experiments", "Features", "FeatureStore", "Ledger", "Serving",
    ]

    @Test func thePageNamesEveryTarget() throws {
        let targets = try FileManager.default.contentsOfDirectory(
            atPath: DocumentedExperiment.package.appendingPathComponent("Sources").path
        )
        #expect(try documented().keys.sorted() == targets.sorted())
    }

    @Test func targetsImportWhatThePageSaysAndNoMore() throws {
        let documented = try documented()
        let systems: Set<String> = [
            "Foundation", "FoundationNetworking", "Dispatch", "Synchronization",
        ]
        for (target, modules) in imports.modules {
            let allowed = (documented[target] ?? []).union(systems)
            #expect(modules.subtracting(allowed) == [], "\(target)")
        }
    }

    @Test(arguments: ["MotetCore", "MotetGraph", "MotetNN"])
    func theEngineDescribesWithoutFoundation(target: String) throws {
        #expect(try #require(imports.modules[target]).contains("Foundation") == false)
    }

    @Test(
        arguments: [
            ("Yams", ["MotetConfiguration"]), ("GRDB", ["MotetFeatureStore", "MotetLedger"]),
            ("CRedis", ["MotetFeatureStore"]),
            ("ArgumentParser", ["motet-cli"]),
            ("COneDNN", ["MotetOneDNN"]), ("CArrow", ["MotetData"]),
            ("Hummingbird", ["MotetServing"]), ("NIOCore", ["MotetServing"]),
            ("MotetServing", ["motet-cli"]),
            ("MotetOneDNN", ["Motet"]), ("MotetReference", ["MotetTestSupport"]),
        ]
    )
    func aLibraryOrBackendHasOnePlace(module: String, targets: [String]) {
        #expect(imports.importers(of: module) == targets)
    }

    @Test func targetsFormNoCircle() throws {
        func reaches(_ target: String, from start: String, _ seen: inout Set<String>) -> Bool {
            guard seen.insert(start).inserted else { return false }
            let next = imports.modules[start] ?? []
            return next.contains(target) || next.contains { reaches(target, from: $0, &seen) }
        }
        for target in imports.modules.keys {
            var seen: Set<String> = []
            #expect(!reaches(target, from: target, &seen), "\(target)")
        }
    }

    @Test func importsAreFoundHoweverTheyAreWritten() {
        let text = """
            import MotetCore
            public import struct MotetGraph
            @_exported public import MotetNN
            @testable import MotetData
              import class Foundation.JSONEncoder
            // import Nothing
            let text = "import Nowhere"
            """
        #expect(
            TargetImports.imports(of: text)
                == ["MotetCore", "MotetGraph", "MotetNN", "MotetData", "Foundation"]
        )
    }
}
