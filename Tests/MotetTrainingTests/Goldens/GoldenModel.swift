import MotetRecommenders
import Testing

/// An architecture of which `Tests/Goldens/models` has a model in PyTorch.
struct GoldenModel: CustomTestStringConvertible, Sendable {
    let name: String
    let architecture: Architecture
    /// Whether the second task's output is conditional on the first one.
    let secondLiesWithinFirst: Bool
    /// The tasks it has: the first of the batches' two, or both.
    let taskCount: Int
    var testDescription: String { name }

    init(
        _ name: String,
        _ architecture: Architecture,
        secondLiesWithinFirst: Bool = false,
        taskCount: Int = 2
    ) {
        self.name = name
        self.architecture = architecture
        self.secondLiesWithinFirst = secondLiesWithinFirst
        self.taskCount = taskCount
    }

    static let all = shared + multiTask + retrieval

    /// One task, and the softmax over the items of a batch; `retrieval.py` has it.
    static let retrieval = [
        GoldenModel(
            "two_tower",
            .twoTower(
                itemFeatures: ["field_0", "field_4", "number_1"],
                units: [8],
                dimension: 5,
                temperature: 0.25
            ),
            taskCount: 1
        )
    ]

    /// One network or experts for all tasks.
    static let shared = [
        GoldenModel("shared_bottom", .sharedBottom(units: [10, 6])),
        GoldenModel("mmoe", .mmoe(experts: 3, expertUnits: [8, 6])),
        GoldenModel("cgc", .cgc(sharedExperts: 2, taskExperts: 2, expertUnits: [8, 6])),
        GoldenModel("ple", .ple(levels: 2, sharedExperts: 2, taskExperts: 1, expertUnits: [8])),
    ]
}
