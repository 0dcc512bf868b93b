const Skills = () => <h1>Skills</h1>

export default Skills
