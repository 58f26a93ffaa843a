import Foundation
import Motet
import MotetFeatures
import MotetFeatureStore

@testable import MotetServing

/// A run whose store counts every event, all in all and by user, so that what was acknowledged can be counted after
/// the server has gone.
struct CountedShop {
    let shop: ServedShop

    /// The run that all tests share; trained once.
    static let shared = Result { try CountedShop() }

    private init() throws {
        let kinds = "[view, click, cart, purchase, return, search, exposure]"
        let counts = """
                - { name: all_events, of: all, type: count, events: \(kinds), window: all }
                - { name: user_events, of: user, type: count, events: \(kinds), window: all }
            """
        let unread = "        - { name: unread, of: user, type: count, events: view, window: 1h }"
        // A short memory for ids, so that a long run comes to a steady state.
        let experiment = OnlineShop.experiment
            .replacing(
                unread.trimmingPrefix { $0 == " " },
                with: String(counts.trimmingPrefix { $0 == " " })
            )
            .replacing("lateness: 1h", with: "lateness: 1m")
        precondition(experiment.contains("user_events"), "the experiment of OnlineShop is another")
        shop = try ServedShop(
            experiment: experiment,
            train: OnlineShop.table(rows: 600, seed: 4),
            valid: OnlineShop.table(rows: 200, seed: 5)
        )
    }

    /// A folder for a store, and the name of a `serve.yaml` that names it.
    func store() throws -> (folder: String, settings: String) {
        let name = "counted-\(UUID().uuidString)"
        try shop.write("\(name).yaml", "features: { store: \(name) }\nlimits: { candidates: 16 }\n")
        return (shop.file(name), "\(name).yaml")
    }

    /// How many events a store counts, of everybody and of each of some users.
    func counts(in folder: String, of users: [String]) async throws -> (all: Int, users: [Int]) {
        let experiment = try RunDirectory(shop.file("run")).experiment()
        guard let definitions = experiment.onlineFeatures?.definitions else {
            throw Wire.Failure(description: "the run has no online features")
        }
        let store = try DurableFeatureStore(definitions, folder: folder)
        func count(_ name: String, of user: String?) throws -> Int {
            let item = FeatureCandidate(item: "i1")
            let request = FeatureRequest(
                user: user,
                scenario: nil,
                items: [item],
                time: OnlineShop.now
            )
            guard let column = store.features(request).columns.first(where: { $0.name == name }),
                case .number(let number) = column[0]
            else { throw Wire.Failure(description: "no feature \(name)") }
            return Int(number)
        }
        let counts = try (
            all: count("all_events", of: nil), users: users.map { try count("user_events", of: $0) }
        )
        try await store.close()
        return counts
    }
}
