import MotetCore

/// The users: their tastes, what is seen of them, and who belongs to a ring.
///
/// A ring is a seller's: its members place fake orders for that seller's items. Members share devices, four or
/// more to one, and an address. One honest account in ten shares a device, and one in five an address, with
/// another, so that sharing alone proves nothing.
struct Accounts: Sendable {
    let count: Int
    /// Tastes, `[U, d]`.
    let latents: [Float]
    /// What is seen of them, `[U, d]`: `sqrt(1 - noise) u + sqrt(noise) e`.
    let features: [Float]
    /// The number of an account's device, and how many accounts use it.
    let device: [Int32]
    let deviceAccounts: [Int32]
    /// The number of an account's address, and how many accounts use it.
    let address: [Int32]
    let addressAccounts: [Int32]
    /// The age of an account on the first day, in days.
    let age: [Float]
    /// The ring of an account, -1 for none.
    let ring: [Int32]
    /// The seller for whom each ring works.
    let ringSellers: [Int32]
    /// The day of the period on which each ring's waves begin.
    let ringStarts: [Int32]
    /// Who sees a row.
    let sampler: AliasTable

    init(_ settings: SimulationSettings, key: RandomKey) {
        let count = settings.users
        self.count = count
        sampler = AliasTable(
            count: count,
            exponent: settings.sparsity.users,
            key: key.split("popularity")
        )
        let width = settings.latents.dimension
        let (taste, noise) = (key.split("taste"), key.split("noise"))
        latents = (0..<count * width).map { Float(taste.normal($0)) }
        features = Self.observed(latents, noise: settings.latents.featureNoise, key: noise)

        var ring = [Int32](repeating: -1, count: count)
        let size = settings.fraud.ringSize
        let rings = Int(settings.fraud.ringAccounts * Double(count)) / size
        let order = key.split("rings").permutation(count)
        for place in 0..<rings * size { ring[order[place]] = Int32(place / size) }
        let (sellers, starts) = (key.split("ring sellers"), key.split("ring starts"))
        ringSellers = (0..<rings).map {
            Int32(sellers.uniform($0) * Double(settings.sellers))
        }
        ringStarts = (0..<rings).map {
            Int32(starts.uniform($0) * Double(settings.fraud.periodDays))
        }
        let years = key.split("age")
        age = (0..<count).map { user in
            Float(years.exponentialDraw(user) * (ring[user] < 0 ? 400 : 60))
        }

        let honest = order[(rings * size)...]
        var device = (0..<count).map(Int32.init)
        var address = device
        let (sharing, other) = (key.split("sharing"), key.split("shared with"))
        for user in honest {
            func another(_ draw: Int) -> Int32 {
                let place = Int(other.uniform(2 * user + draw) * Double(honest.count))
                return Int32(honest[honest.startIndex + place])
            }
            if sharing.uniform(2 * user) < 0.1 { device[user] = another(0) }
            if sharing.uniform(2 * user + 1) < 0.2 { address[user] = another(1) }
        }
        let devices = max(1, size / 4)
        for place in 0..<rings * size {
            let first = place / size * size
            device[order[place]] = Int32(order[first + (place - first) % devices])
            address[order[place]] = Int32(order[first])
        }
        self.ring = ring
        self.device = device
        self.address = address
        deviceAccounts = Self.counts(device)
        addressAccounts = Self.counts(address)
    }

    /// Latent numbers as they are seen.
    static func observed(_ latents: [Float], noise: Double, key: RandomKey) -> [Float] {
        let (signal, rest) = ((1 - noise).squareRoot(), noise.squareRoot())
        return latents.indices.map { index in
            Float(signal * Double(latents[index]) + rest * key.normal(index))
        }
    }

    /// How many accounts have the same number.
    private static func counts(_ numbers: [Int32]) -> [Int32] {
        var counts = [Int32](repeating: 0, count: numbers.count)
        for number in numbers { counts[Int(number)] += 1 }
        return numbers.map { counts[Int($0)] }
    }
}
