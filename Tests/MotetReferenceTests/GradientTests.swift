import Foundation
import MotetCore
import MotetGraph
import MotetReference
import MotetTestSupport
import Testing

@Suite("Gradient rules") struct GradientTests {
    static let cases = OperationCase.all.filter { $0.isSmooth && !$0.differentiatedOutputs.isEmpty }

    @Test(arguments: cases)
    func gradientsAgreeWithFiniteDifferences(operationCase: OperationCase) throws {
        let comparisons = try GradientChecker().check(operationCase)
        #expect(
            !comparisons.isEmpty || !operationCase.inputs.contains(where: \.isDifferentiated)
        )
        for comparison in comparisons { #expect(comparison.isClose, "\(comparison)") }
    }

    /// Kinks lie where differences of 1/16 seldom reach; a smaller step makes that rarer, and costs
    /// digits.
    @Test(arguments: [
        "matmul and relu", "concatenate look-ups and numbers, dense relu, split, two towers",
    ])
    func gradientsOfKinkedCompositionsAgreeWithSmallDifferences(name: String) throws {
        let operationCase = try #require(OperationCase.all.first { $0.name == name })
        let tolerance = Tolerance(relative: 1e-2, absolute: 2e-2)
        for comparison in try GradientChecker(step: 1 / 4096, tolerance: tolerance).check(
            operationCase
        ) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }
}

/// Every operation there is stands in the table.
@Suite("Operation cases") struct OperationCaseTests {
    @Test func namesAreUnique() {
        let names = OperationCase.all.map(\.name)
        let repeated = Dictionary(grouping: names, by: { $0 }).filter { $1.count > 1 }.keys
        #expect(repeated.isEmpty, "\(repeated)")
    }

    /// The names after `public struct` and before `: Operation` in the sources of the operations.
    private static func declaredOperations() throws -> Set<String> {
        let package = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = package.appending(path: "Sources/MotetGraph/Ops")
        var names = Set<String>()
        for file in try FileManager.default.contentsOfDirectory(
            at: folder,
            includingPropertiesForKeys: nil
        ) {
            for match in try String(contentsOf: file, encoding: .utf8).matches(
                of: /public struct (\w+): Operation/
            ) {
                names.insert(String(match.1))
            }
        }
        return names
    }

    @Test func everyOperationIsCovered() throws {
        var covered = Set<String>()
        for operationCase in OperationCase.all {
            for node in try operationCase.graph(withGradients: true).nodes {
                covered.insert(type(of: node.operation).name)
            }
        }
        let all = try Self.declaredOperations()
        #expect(all.count >= 50)
        #expect(all.subtracting(covered).isEmpty, "missing: \(all.subtracting(covered).sorted())")
        #expect(covered.subtracting(all).isEmpty, "new: \(covered.subtracting(all).sorted())")
    }
}
